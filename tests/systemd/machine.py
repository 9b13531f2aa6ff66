"""A throw-away system for tests of units and packages: the host's own files under an overlay in memory, booted by
systemd-nspawn without a network. Nothing that happens in it reaches the host's disk."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77  # what ctest knows as "not run"


def skip(why):
    print('skipped: ' + why)
    sys.exit(SKIPPED)


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            skip(program + ' is not installed')


class Machine:
    """Boots on entry, is gone on exit. `run` performs a command in it."""

    def __init__(self, size='900m'):
        self.size = size
        self.folder = None
        self.log = None
        self.nspawn = None
        self.leader = None

    def __enter__(self):
        if os.geteuid() != 0:
            skip('a container needs root')
        need('systemd-nspawn', 'nsenter', 'mount')
        self.folder = tempfile.mkdtemp(prefix='fermata-machine-')
        self.root = os.path.join(self.folder, 'root')
        try:
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def boot(self):
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=' + self.size, 'tmpfs', self.folder], capture_output=True).returncode != 0:
            skip('this host does not mount a tmpfs')
        for name in ('upper', 'work', 'root'):
            os.mkdir(os.path.join(self.folder, name))
        options = f'lowerdir=/,upperdir={self.folder}/upper,workdir={self.folder}/work'
        if subprocess.run(['mount', '-t', 'overlay', 'overlay', '-o', options, self.root], capture_output=True).returncode != 0:
            skip('this host does not mount an overlay of its root')
        open(os.path.join(self.root, 'etc/machine-id'), 'w').close()
        self.log = open(os.path.join(self.folder, 'nspawn.log'), 'w+')
        self.nspawn = subprocess.Popen(
            ['systemd-nspawn', '-D', self.root, '-M', 'fermata-test-%d' % os.getpid(), '--boot', '--register=no', '--keep-unit',
             '--private-network', '--capability=CAP_IPC_LOCK,CAP_SYS_NICE', '--console=pipe', 'systemd.unit=basic.target'],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.nspawn.poll() is not None:
                break
            found = subprocess.run(['pgrep', '-P', str(self.nspawn.pid), '-x', 'systemd'], capture_output=True, text=True).stdout.split()
            if found:
                self.leader = found[0]
                state = self.run('systemctl', 'is-system-running', check=False).stdout.strip()
                if state in ('running', 'degraded'):
                    return
            time.sleep(0.1)
        self.log.seek(0)
        skip('systemd does not boot in a container here: ' + self.log.read()[-400:])

    def run(self, *command, check=True):
        if len(command) == 1:
            command = ('sh', '-c', command[0])
        done = subprocess.run(['nsenter', '-t', self.leader, '-a', '-r', '-w', '--', *command], capture_output=True, text=True, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f'{" ".join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}')
        return done

    def show(self, unit, key):
        return self.run('systemctl', 'show', '-p', key, '--value', unit).stdout.strip()

    def wait_for(self, what, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError('not within a minute: ' + what + '\n' + self.run('journalctl --no-pager -n 60', check=False).stdout)
            time.sleep(0.1)

    def path(self, inside):
        return os.path.join(self.root, inside.lstrip('/'))

    def __exit__(self, kind=None, *_):
        if kind is not None and self.leader is not None:
            print(self.run('journalctl --no-pager -o short-monotonic -n 80', check=False).stdout)
        if self.nspawn is not None and self.nspawn.poll() is None:
            if self.leader is not None:
                # SIGRTMIN+4 is systemd's order to power off (systemd(1)).
                subprocess.run(['kill', '-s', 'RTMIN+4', self.leader], capture_output=True)
            try:
                self.nspawn.wait(20)
            except subprocess.TimeoutExpired:
                if self.leader is not None:
                    subprocess.run(['kill', '-KILL', self.leader], capture_output=True)
                self.nspawn.kill()
                self.nspawn.wait()
        if self.log is not None:
            self.log.close()
        if self.folder is not None:
            for mounted in (os.path.join(self.folder, 'root'), self.folder):
                if os.path.ismount(mounted):
                    subprocess.run(['umount', mounted], capture_output=True)
            shutil.rmtree(self.folder, ignore_errors=True)
        return False
