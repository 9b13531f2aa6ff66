#!/usr/bin/env python3
"""Checks that the house stays as docs/architecture.md draws it.

Layering (core <- {risk, adapters, ops, research, strategies} <- daemon; siblings and adapters do not know each other),
include cycles, third-party headers in their one place, file length, no clock or randomness in deterministic code, no floating
point where integers are promised, the top level of the tree, and no path of a machine. Prints every violation as file:line and exits 1.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

TOP_LEVEL = {
    'CMakeLists.txt', 'CMakePresets.json', 'Makefile', 'README.md', 'LICENSE', 'core', 'risk', 'adapters', 'ops', 'research',
    'strategies', 'daemon', 'systemd', 'config', 'tests', 'bench', 'docs', '.ci', '.gitignore', '.clang-format', '.clang-tidy',
}
ROOMS = ('core', 'risk', 'adapters', 'ops', 'research', 'strategies', 'daemon')
MAY_INCLUDE = {
    'core': {'core'},
    'risk': {'core', 'risk'},
    'adapters': {'core', 'adapters'},
    'ops': {'core', 'ops'},
    'research': {'core', 'research'},
    'strategies': {'core', 'strategies'},
    'daemon': set(ROOMS),
    'tests': set(ROOMS) | {'tests'},
    'bench': set(ROOMS) | {'bench'},
}
# Third-party header (prefix) -> the folders that may include it.
THIRD_PARTY = {
    'boost/lockfree/': ('core/loop',),
    'systemd/': ('ops/service',),
    'boost/asio/': ('ops/control',),
    'boost/json': ('ops/control',),
    'boost/': (),
    'date/': ('adapters/calendar',),
    'Eigen/': ('risk/portfolio',),
    'zip.h': ('adapters/lean',),
    'zlib.h': ('adapters/csv', 'tests'),
    'zstd.h': ('adapters/zstd', 'tests/adapters/zstd'),
    'openssl/': ('adapters/openssl',),
    'quickfix/': ('adapters/fix',),
    'libpq-fe.h': ('adapters/postgres',),
    'pqxx/': ('adapters/postgres',),
    'yaml-cpp/': ('daemon/config',),
    'nlohmann/': ('daemon', 'tests'),
    'CLI/': ('daemon',),
    'gtest/': ('tests',),
    'gmock/': ('tests',),
    'rapidcheck': ('tests',),
    'benchmark/': ('bench',),
}
LINES_MAX = 450
DETERMINISTIC = ('core/', 'risk/', 'strategies/')
FORBIDDEN_IN_DETERMINISTIC = [
    (re.compile(r'std::chrono|clock_gettime|gettimeofday|std::time\b|__rdtsc|std::random_device|\brand\(\)'), 'reads a clock or randomness'),
    (re.compile(r'std::unordered_(map|set|multimap|multiset)'), 'uses an unordered container'),
    (re.compile(r'std::this_thread|std::thread\b|std::jthread|std::mutex'), 'uses a thread or lock'),
]
NO_FLOATING_POINT = ('core/types/', 'core/order/', 'core/account/', 'core/event/')
MACHINE_PATH = re.compile(r'(?<![\w.])/(work|root|home/\w+|tmp/bash_jobs)/')


def tracked():
    out = subprocess.run(['git', '-C', ROOT, 'ls-files', '-co', '--exclude-standard'], capture_output=True, text=True, check=True).stdout
    return [f for f in out.split('\n') if f and os.path.isfile(os.path.join(ROOT, f))]


def without_comments(text):
    """Code only, with line numbers kept."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match.group(0))
    text = re.sub(r'/\*.*?\*/', blank, text, flags=re.S)
    return re.sub(r'//[^\n]*', blank, text)


def check_includes(path, text, report, graph):
    room = path.split('/')[0]
    for number, line in enumerate(text.split('\n'), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not match:
            continue
        target = match.group(2)
        target_room = target.split('/')[0]
        if match.group(1) == '"' and target_room in MAY_INCLUDE:
            graph.setdefault(path, []).append(target)
            if target_room not in MAY_INCLUDE.get(room, set()):
                report(path, number, f'{room} must not include {target_room}: {target}')
            if room == 'adapters' and target_room == 'adapters' and path.split('/')[1] != target.split('/')[1]:
                report(path, number, f'adapters do not know each other: {target}')
            if not os.path.isfile(os.path.join(ROOT, target)):
                report(path, number, f'includes a file that does not exist: {target}')
            continue
        for prefix, folders in THIRD_PARTY.items():
            if target.startswith(prefix):
                if not any(path.startswith(folder + '/') for folder in folders):
                    report(path, number, f'<{target}> belongs into {" or ".join(folders) or "no folder yet"} only')
                break


def check_cycles(graph, report):
    state = {}

    def visit(node, trail):
        state[node] = 1
        for target in graph.get(node, []):
            if state.get(target) == 1:
                report(node, 1, 'include cycle: ' + ' -> '.join(trail[trail.index(target):] + [target] if target in trail else [node, target]))
            elif target not in state:
                visit(target, trail + [target])
        state[node] = 2

    for node in sorted(graph):
        if node not in state:
            visit(node, [node])


def check_code(path, text, report):
    lines = text.count('\n')
    if lines > LINES_MAX:
        report(path, lines, f'{lines} lines; a file holds one concept and at most {LINES_MAX} lines')
    code = without_comments(text).split('\n')
    for number, line in enumerate(code, 1):
        if path.startswith(DETERMINISTIC):
            for pattern, what in FORBIDDEN_IN_DETERMINISTIC:
                if pattern.search(line):
                    report(path, number, what + ' in deterministic code')
        if path.startswith(NO_FLOATING_POINT) and re.search(r'\b(double|float)\b', line):
            report(path, number, 'floating point where integers are promised')
    if path.endswith('.hpp') and '#pragma once' not in text:
        report(path, 1, 'a header without #pragma once')


def main():
    violations = []

    def report(path, line, message):
        violations.append(f'{path}:{line}: {message}')

    graph = {}
    files = tracked()
    for entry in sorted({f.split('/')[0] for f in files} - TOP_LEVEL):
        report(entry, 0, 'is not part of the layout; a decision record is wanted first')
    for path in files:
        try:
            with open(os.path.join(ROOT, path), encoding='utf-8') as f:
                text = f.read()
        except UnicodeDecodeError:
            continue  # corpora and images
        if path.endswith(('.cpp', '.hpp')):
            check_includes(path, text, report, graph)
            check_code(path, text, report)
        if path != 'tests/lint/house_rules.py':
            for number, line in enumerate(text.split('\n'), 1):
                if MACHINE_PATH.search(line):
                    report(path, number, 'names a path of a machine')
    check_cycles(graph, report)
    for violation in violations:
        print(violation)
    print(f'house rules: {len(files)} files, {len(violations)} violations')
    return 1 if violations else 0


if __name__ == '__main__':
    sys.exit(main())
