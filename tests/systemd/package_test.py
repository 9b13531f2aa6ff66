#!/usr/bin/env python3
"""The package in a system of its own: installed, configured, started, reloaded, hung, stopped, removed, purged.

    package_test.py BUILD      BUILD: the folder with the built fermata and fermatad
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import Machine, need  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DAEMON = 'fermatad.service'
CONFIG = '/etc/fermata/fermatad.yaml'


def step(text):
    print('- ' + text, flush=True)


def expect(so, what):
    if not so:
        raise AssertionError(what)


def build(build_folder, out):
    made = subprocess.run([os.path.join(ROOT, 'ops/package/deb.sh'), build_folder, out], capture_output=True, text=True)
    expect(made.returncode == 0, made.stderr)
    package = made.stdout.strip()
    expect(os.path.isfile(package), package)
    again = os.path.join(out, 'again')
    second = subprocess.run([os.path.join(ROOT, 'ops/package/deb.sh'), build_folder, again], capture_output=True, text=True).stdout.strip()
    expect(open(package, 'rb').read() == open(second, 'rb').read(), 'the same build gives another package')
    listed = subprocess.run(['dpkg-deb', '--contents', package], capture_output=True, text=True, check=True).stdout
    for path in ('./usr/bin/fermata', './usr/bin/fermatad', './lib/systemd/system/fermatad.service', './lib/systemd/system/fermata-watchdog.service',
                 './lib/systemd/system/fermata-venue.service', './lib/systemd/system/fermata-journal.timer', './usr/lib/sysusers.d/fermata.conf',
                 './usr/lib/tmpfiles.d/fermata.conf', './usr/share/man/man1/fermata.1.gz', './usr/share/man/man8/fermatad.8.gz',
                 './usr/share/bash-completion/completions/fermata',
                 './usr/share/zsh/vendor-completions/_fermata', './usr/share/fish/vendor_completions.d/fermata.fish', './usr/share/doc/fermata/copyright', './etc/fermata/paper.yaml'):
        expect(path + '\n' in listed, path + ' is not in the package')
    fields = subprocess.run(['dpkg-deb', '--field', package, 'Depends'], capture_output=True, text=True, check=True).stdout
    expect(re.search(r'\blibc6 \(>= ', fields) and 'libyaml-cpp' in fields and 'libsystemd0' in fields, 'Depends: ' + fields)
    return package


def left(machine):
    """Files of the package below the usual folders, its users and units."""
    found = machine.run("find /etc /usr /lib/systemd /var /run -xdev -name '*fermata*' ! -path '*/dpkg/*' ! -path '/var/log/*' ! -path '/usr/src/*'",
                        check=False).stdout.split()
    users = machine.run("getent passwd fermata fermata-venue; getent group fermata fermata-venue", check=False).stdout.split()
    return [path for path in found if not path.startswith('/run/systemd/')] + users


def enabled(machine, unit):
    return machine.run('systemctl', 'is-enabled', unit, check=False).stdout.strip()


def install(machine, before):
    expect(before == [], 'the host has it already: %s' % before)
    machine.run('DEBIAN_FRONTEND=noninteractive dpkg -i /opt/fermata.deb')
    for unit in (DAEMON, 'fermata-watchdog.service', 'fermata-venue.service', 'fermata-journal.timer'):
        expect(machine.show(unit, 'LoadState') == 'loaded', unit + ' is not loaded')
        expect(machine.show(unit, 'ActiveState') == 'inactive', unit + ' was started by the installation')
        expect(enabled(machine, unit) == 'disabled', unit + ' was enabled by the installation')
    expect(machine.run('stat -c "%U:%G %a" /etc/fermata').stdout.strip() == 'root:fermata 750', 'mode of /etc/fermata')
    expect(machine.run('stat -c "%U:%G %a" /var/lib/fermata').stdout.strip() == 'fermata:fermata 750', 'mode of /var/lib/fermata')
    done = machine.run('systemctl', 'start', DAEMON, check=False)
    expect(done.returncode != 0 and machine.show(DAEMON, 'AssertResult') == 'no', 'it starts without a configuration')


def configure(machine):
    with open(machine.path('/etc/fermata/paper.yaml'), encoding='utf-8') as example:
        text = example.read()
    text += 'threads: {memory_lock: true, loops: {trading: {scheduler: fifo, priority: 50}}}\n'
    text = text.replace('profile: house\n', 'profile: house\n  limits: {max_quantity: 1000}\n')
    with open(machine.path(CONFIG), 'w', encoding='utf-8') as config:
        config.write(text)
    machine.run('chgrp fermata %s && chmod 0640 %s' % (CONFIG, CONFIG))
    machine.run('fermata', 'config', 'check', CONFIG)
    as_fermata = 'setpriv --reuid fermata --regid fermata --init-groups '
    machine.run(as_fermata + 'fermata latch init /var/lib/fermata/latch --people 1 --reason "first start"')
    machine.run(as_fermata + 'fermata latch release /var/lib/fermata/latch --version 1 --reason "looked at it"')


def start(machine):
    machine.run('systemctl', 'start', DAEMON)
    expect(machine.show(DAEMON, 'ActiveState') == 'active', 'not active')
    expect(machine.show(DAEMON, 'StatusText').startswith('paper'), machine.show(DAEMON, 'StatusText'))
    pid = machine.show(DAEMON, 'MainPID')
    status = machine.run('cat', f'/proc/{pid}/status').stdout
    expect(re.search(r'^CapEff:\s*0+$', status, re.M), 'it has capabilities')
    expect(re.search(r'^CapBnd:\s*0+$', status, re.M), 'it could get capabilities')
    # A host that may not raise limits itself (CAP_SYS_RESOURCE) cannot grant them to its containers.
    limits = machine.run('cat', f'/proc/{pid}/limits').stdout
    said = machine.run('journalctl -u fermatad -o cat --no-pager FERMATA_EVENT=warning', check=False).stdout
    if re.search(r'^Max locked memory +unlimited', limits, re.M):
        expect(not re.search(r'^VmLck:\s*0 kB', status, re.M), 'memory is not locked')
    else:
        print('  this host does not grant LimitMEMLOCK=infinity: the daemon says so')
        expect('memory is not locked' in said, said)
    if int(re.search(r'^Max realtime priority +(\d+)', limits, re.M).group(1)) >= 50:
        scheduling = machine.run(f'ps -L -o comm=,cls=,rtprio= -p {pid}').stdout
        expect(re.search(r'^trading\s+FF\s+50$', scheduling, re.M), scheduling)
    else:
        print('  this host does not grant LimitRTPRIO=60: the daemon says so')
        expect('SCHED_FIFO with priority 50 is refused' in said, said)
    lines = machine.run('journalctl -u fermatad -o json --no-pager FERMATA_EVENT=running').stdout.splitlines()
    expect(len(lines) == 1, 'no line with fields')
    entry = json.loads(lines[0])
    expect(entry['FERMATA_MODE'] == 'paper' and entry['PRIORITY'] == '5' and entry['SYSLOG_IDENTIFIER'] == 'fermatad', str(entry))
    machine.run('fermata', 'status')


def reload(machine):
    with open(machine.path(CONFIG), encoding='utf-8') as config:
        text = config.read()
    with open(machine.path(CONFIG), 'w', encoding='utf-8') as config:
        config.write(text.replace('max_quantity: 1000', 'max_quantity: 900'))
    machine.run('systemctl', 'reload', DAEMON)
    machine.wait_for('the limit is tighter', lambda: 'max_quantity from 1000 to 900' in machine.run(
        'journalctl -u fermatad -o cat --no-pager FERMATA_EVENT=reload', check=False).stdout)
    machine.wait_for('active again', lambda: machine.show(DAEMON, 'ActiveState') == 'active')


def hang(machine):
    pid = machine.show(DAEMON, 'MainPID')
    machine.run('kill', '-STOP', pid)
    machine.wait_for('systemd restarts it', lambda: machine.show(DAEMON, 'NRestarts') == '1' and machine.show(DAEMON, 'ActiveState') == 'active')
    expect(machine.show(DAEMON, 'MainPID') != pid, 'the same process')
    log = machine.run('journalctl -u fermatad -o cat --no-pager').stdout
    expect("Failed with result 'watchdog'" in log, log[-2000:])
    expect(re.search(r'going on with /var/lib/fermata/sessions/\S+ behind \d+ records, as boot 2', log), log[-2000:])
    machine.run('fermata', 'status')


def fence(machine):
    machine.run('systemctl', 'start', 'fermata-watchdog.service')
    before = machine.show(DAEMON, 'MainPID')
    machine.wait_for('the watchdog sees the daemon', lambda: machine.show('fermata-watchdog.service', 'ActiveState') == 'active')
    machine.run('fermata', 'latch', 'show', '/var/lib/fermata/latch')  # exit code 0: nothing is latched
    machine.run('kill', '-STOP', before)
    machine.wait_for('it is fenced and restarted', lambda: machine.show(DAEMON, 'NRestarts') == '2' and machine.show(DAEMON, 'ActiveState') == 'active')
    shown = machine.run('fermata latch show /var/lib/fermata/latch', check=False)
    expect(shown.returncode == 3 and 'HALTED' in shown.stdout, 'the restarted daemon is not HALTED: ' + shown.stdout)
    status = machine.run('fermata', 'status').stdout
    expect('HALTED' in status, status)
    machine.run('systemctl', 'stop', 'fermata-watchdog.service')
    expect(machine.show('fermata-watchdog.service', 'Result') in ('success', 'exit-code'), 'the watchdog does not stop')


def flip_middle(path):
    with open(path, 'r+b') as file:
        file.seek(os.path.getsize(path) // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 255]))


def stop(machine):
    machine.run('systemctl', 'stop', DAEMON)
    expect(machine.show(DAEMON, 'Result') == 'success', machine.show(DAEMON, 'Result'))
    sessions = glob.glob(machine.path('/var/lib/fermata/sessions/*'))
    expect(len(sessions) == 1, str(sessions))
    journal = '/var/lib/fermata/sessions/' + os.path.basename(sessions[0]) + '/journal'
    expect('equal' in machine.run('fermata', 'journal', 'rerun', journal).stdout, 'its re-run differs')
    machine.run('systemctl', 'start', 'fermata-journal.service')
    expect(machine.show('fermata-journal.service', 'Result') == 'success', 'the nightly look at the journals failed')
    expect(os.path.exists(os.path.join(sessions[0], 'verified')), 'nothing was verified')
    expect(glob.glob(os.path.join(sessions[0], 'journal', '*.zst')), 'nothing was compressed')
    # A journal that does not verify is told, and not touched.
    segment = sorted(glob.glob(os.path.join(sessions[0], 'journal', '*.zst')))[0]
    flip_middle(segment)
    done = machine.run('systemctl', 'start', 'fermata-journal.service', check=False)
    expect(done.returncode != 0, 'a damaged journal was passed over')
    expect('does not verify' in machine.run('journalctl -u fermata-journal -p 2 -o cat --no-pager').stdout, 'it was not told')
    # Nor does a daemon go on from what it cannot read.
    expect(machine.run('systemctl', 'start', DAEMON, check=False).returncode != 0, 'it started on a damaged journal')
    machine.run('systemctl stop fermatad; systemctl reset-failed fermatad', check=False)
    flip_middle(segment)


def remove(machine):
    machine.run('systemctl', 'enable', '--now', DAEMON)
    machine.run('dpkg', '-r', 'fermata')
    log = machine.run('journalctl -u fermatad -o cat --no-pager').stdout
    expect('stopped; ' in log, 'it was not stopped in order')
    expect(machine.show(DAEMON, 'LoadState') == 'not-found', 'the unit is still there')
    expect(not os.path.lexists(machine.path('/etc/systemd/system/multi-user.target.wants/fermatad.service')), 'still enabled')
    expect(os.path.exists(machine.path(CONFIG)), 'a removal took the configuration')
    expect(machine.run('sh', '-c', 'command -v fermata', check=False).returncode != 0, 'the program is still there')
    said = machine.run('dpkg', '-P', 'fermata')
    expect('/var/lib/fermata holds records of trading and stays' in said.stdout + said.stderr, said.stdout + said.stderr)
    expect(not os.path.exists(machine.path('/etc/fermata')), 'a purge left the configuration')
    expect(glob.glob(machine.path('/var/lib/fermata/sessions/*')), 'a purge took records of trading')


def main():
    need('dpkg-deb', 'dpkg-shlibdeps', 'strip', 'gzip', 'setpriv')
    out = tempfile.mkdtemp(prefix='fermata-package-')
    try:
        step('the package is made, twice the same')
        package = build(sys.argv[1], out)
        with Machine() as machine:
            shutil.copy(package, machine.path('/opt/fermata.deb'))
            step('installed: users, folders, units; nothing is started')
            install(machine, left(machine))
            step('purged at once: nothing is left')
            machine.run('dpkg', '-P', 'fermata')
            expect(left(machine) == [], str(left(machine)))
            step('installed again, configured')
            install(machine, [])
            configure(machine)
            step('started: READY, no capability, what its threads ask for, fields in the journal')
            start(machine)
            step('reloaded: a tighter limit')
            reload(machine)
            step('stopped by SIGSTOP: killed by the watchdog, restarted, gone on with')
            hang(machine)
            step('stopped by SIGSTOP beside fermata-watchdog: fenced, restarted, HALTED')
            fence(machine)
            step('stopped, re-run, verified and compressed')
            stop(machine)
            step('removed while it runs, purged; records of trading stay')
            remove(machine)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    print('10 passed, 0 failed')


if __name__ == '__main__':
    main()
