#!/usr/bin/env python3
"""The documentation holds together.

Checks that every relative link and image in a Markdown file leads to a file or folder of the repository, that a link
into a page (#heading) names a heading there, and that docs/README.md lists every page of docs/ and
docs/decisions/README.md every decision, and that every test named in docs/incidents.md exists. Prints each violation with its place; ends with 1 if there is any.
"""
import os
import re
import subprocess
import sys
from urllib.parse import unquote

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
LINK = re.compile(r'!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^()\s>]*(?:\([^()\s]*\))?[^()\s>]*)>?(?:\s+"[^"]*")?\s*\)')
DEFINITION = re.compile(r'^ {0,3}\[[^\]]+\]:[ \t]+<?(\S+?)>?[ \t]*$', re.M)
ELSEWHERE = re.compile(r'^[a-z][a-z0-9+.-]*:', re.I)  # https:, mailto:
FENCE = re.compile(r'^\s*(```|~~~)')
TEST = re.compile(r'\b(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\(\s*(\w+),\s*(\w+)')
NAMED_TEST = re.compile(r'`([A-Z]\w*\.[A-Z]\w*)`')
INDEXES = {'docs': 'docs/README.md', 'docs/decisions': 'docs/decisions/README.md'}


def tracked_files():
    """Paths of the repository that are not ignored, relative to its root."""
    out = subprocess.run(['git', '-C', ROOT, 'ls-files', '-co', '--exclude-standard'], capture_output=True, text=True,
                         check=True).stdout
    return {f for f in out.split('\n') if f and os.path.isfile(os.path.join(ROOT, f))}


def prose(text):
    """The text with code blocks and code spans that hold a link blanked; every line keeps its number."""
    lines, fence = [], None
    for line in text.split('\n'):
        match = FENCE.match(line)
        if match and fence in (None, match.group(1)):
            fence = None if fence else match.group(1)
            line = ''
        lines.append('' if fence else line)
    return re.sub(r'`[^`\n]*\]\([^`\n]*`', lambda m: ' ' * len(m.group(0)), '\n'.join(lines))


def links(text):
    """(line number, target) of every link, image and link definition."""
    text = prose(text)
    for pattern in (LINK, DEFINITION):
        for match in pattern.finditer(text):
            yield text.count('\n', 0, match.start()) + 1, match.group(1)


def anchors(text):
    """The fragments by which the headings of a page are reached, as GitHub makes them."""
    found = {}
    for line in prose(text).split('\n'):
        match = re.match(r'#{1,6}\s+(.*?)\s*#*\s*$', line)
        if not match:
            continue
        title = re.sub(r'!?\[([^\]]*)\]\([^)]*\)', r'\1', match.group(1)).replace('`', '').replace('*', '')
        slug = re.sub(r'[^\w\- ]', '', title.lower()).replace(' ', '-')
        count = found.get(slug, 0)
        found[slug] = count + 1
        yield f'{slug}-{count}' if count else slug


def main():
    violations = []
    files = tracked_files()
    folders = {os.path.dirname(f) for f in files}
    folders |= {parent for f in folders for parent in parents(f)} | {''}
    pages = {}
    for path in sorted(f for f in files if f.endswith('.md')):
        with open(os.path.join(ROOT, path), encoding='utf-8') as file:
            pages[path] = file.read()
    linked = {path: set() for path in pages}

    for path, text in pages.items():
        for number, target in links(text):
            if not target or ELSEWHERE.match(target):
                continue
            where, _, fragment = target.partition('#')
            goal = os.path.normpath(os.path.join(os.path.dirname(path), unquote(where))) if where else path
            goal = '' if goal == '.' else goal
            linked[path].add(goal)
            if goal not in files and goal not in folders:
                violations.append(f'{path}:{number}: leads nowhere: {target}')
            elif fragment and goal in pages and fragment not in set(anchors(pages[goal])):
                violations.append(f'{path}:{number}: no such heading in {goal}: #{fragment}')

    for folder, index in INDEXES.items():
        for page in sorted(p for p in pages if os.path.dirname(p) == folder and p != index):
            if page not in linked.get(index, set()):
                violations.append(f'{index}:1: does not list {page}')

    tests = set()
    for path in files:
        if path.startswith('tests/') and path.endswith('_test.cpp'):
            with open(os.path.join(ROOT, path), encoding='utf-8') as file:
                tests |= {'.'.join(name) for name in TEST.findall(file.read())}
    named = pages.get('docs/incidents.md', '')
    for match in NAMED_TEST.finditer(named):
        if match.group(1) not in tests:
            number = named.count('\n', 0, match.start()) + 1
            violations.append(f'docs/incidents.md:{number}: no such test: {match.group(1)}')

    for violation in violations:
        print(violation)
    print(f'documentation: {len(pages)} pages, {len(violations)} violations')
    return 1 if violations else 0


def parents(folder):
    while folder:
        folder = os.path.dirname(folder)
        yield folder


if __name__ == '__main__':
    sys.exit(main())
