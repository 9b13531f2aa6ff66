#!/usr/bin/env python3
"""The units without a running system: systemd knows every key in them, and they expose little."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import need, skip  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNITS = sorted(glob.glob(os.path.join(ROOT, 'systemd', '*.service')) + glob.glob(os.path.join(ROOT, 'systemd', '*.timer')))
SERVICES = [unit for unit in UNITS if unit.endswith('.service')]
EXPOSURE_MAX = 2.0


def settings(unit):
    found = {}
    with open(unit, encoding='utf-8') as lines:
        for line in lines:
            match = re.match(r'([A-Za-z]+)=(.*)$', line)
            if match:
                found.setdefault(match.group(1), []).append(match.group(2))
    return found


class Units(unittest.TestCase):
    def test_hold_no_key_and_no_value_that_systemd_does_not_know(self):
        # A root in which the programs that the units name are there.
        with tempfile.TemporaryDirectory() as root:
            folder = os.path.join(root, 'etc/systemd/system')
            os.makedirs(folder)
            for unit in UNITS:
                shutil.copy(unit, folder)
                for command in settings(unit).get('ExecStart', []) + settings(unit).get('ExecReload', []):
                    program = os.path.join(root, command.split()[0].lstrip('/'))
                    os.makedirs(os.path.dirname(program), exist_ok=True)
                    with open(program, 'w', encoding='utf-8') as script:
                        script.write('#!/bin/sh\n')
                    os.chmod(program, 0o755)
            for unit in UNITS:
                done = subprocess.run(['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', '--root=' + root, os.path.basename(unit)],
                                      capture_output=True, text=True)
                said = done.stdout + done.stderr
                # It exits 0 on unknown keys, and says that it ignores them.
                self.assertNotRegex(said, '(?i)ignoring|unknown|invalid|fail', unit)
                self.assertEqual(done.returncode, 0, unit + said)

    def test_would_be_told_apart_from_bad_ones(self):
        with tempfile.TemporaryDirectory() as root:
            folder = os.path.join(root, 'etc/systemd/system')
            os.makedirs(folder)
            with open(os.path.join(folder, 'bad.service'), 'w', encoding='utf-8') as unit:
                unit.write('[Service]\nExecStart=/bin/true\nWatchdogSecs=5s\n')
            done = subprocess.run(['systemd-analyze', 'verify', '--man=no', '--root=' + root, 'bad.service'], capture_output=True, text=True)
            self.assertIn('ignoring', done.stdout + done.stderr)

    def test_expose_little(self):
        self.assertEqual(len(SERVICES), 4)
        for unit in SERVICES:
            done = subprocess.run(['systemd-analyze', 'security', '--offline=true', '--no-pager', '--threshold=%d' % (EXPOSURE_MAX * 10), unit],
                                  capture_output=True, text=True)
            level = re.search(r'exposure level for \S+: ([0-9.]+)', done.stdout)
            self.assertIsNotNone(level, done.stdout + done.stderr)
            print('%s: exposure %s' % (os.path.basename(unit), level.group(1)))
            self.assertEqual(done.returncode, 0, unit + done.stdout[-200:])
            self.assertLessEqual(float(level.group(1)), EXPOSURE_MAX)

    def test_leave_the_daemon_what_its_threads_may_ask_for(self):
        daemon = settings(os.path.join(ROOT, 'systemd', 'fermatad.service'))
        self.assertEqual(daemon['LimitMEMLOCK'], ['infinity'])
        self.assertGreaterEqual(int(daemon['LimitRTPRIO'][0]), 50)  # threads.loops.NAME.priority as it is unless said
        self.assertNotIn('RestrictRealtime', daemon)
        self.assertNotIn('PrivateUsers', daemon)  # the control socket asks who is at its other end

    def test_do_not_start_the_daemon_again_for_what_a_start_cannot_mend(self):
        daemon = settings(os.path.join(ROOT, 'systemd', 'fermatad.service'))
        self.assertEqual(daemon['Restart'], ['on-failure'])
        self.assertEqual(daemon['RestartPreventExitStatus'], ['2 3'])  # docs/live.md has the exit codes


if __name__ == '__main__':
    need('systemd-analyze')
    version = int(subprocess.run(['systemctl', '--version'], capture_output=True, text=True).stdout.split()[1])
    if version < 252:
        skip('systemd %d is older than 252' % version)
    unittest.main(verbosity=2)
