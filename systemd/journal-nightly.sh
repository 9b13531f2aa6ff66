#!/bin/sh
# Verifies every closed session's journal below DIR that was not verified since it was written last,
# compresses it, and removes what the policy lets go. Installed as /usr/lib/fermata/journal-nightly.
#
#   journal-nightly DIR
#
# FERMATA_KEEP       options of `fermata journal retain` that remove, for example "--keep-age 90d
#                    --database"; empty: nothing is removed
# FERMATA            the program (default: fermata)
set -u
fermata=${FERMATA:-fermata}
keep=${FERMATA_KEEP:-}
[ $# -eq 1 ] || { echo "usage: journal-nightly DIR" >&2; exit 2; }
status=0
for journal in "$1"/*/journal; do
    [ -d "$journal" ] || continue
    [ -n "$(find "$journal" -name '*.fjl*' -print -quit)" ] || continue
    # A session that is not closed is running, or will be gone on with. One that cannot be read is
    # neither: verifying it says what is wrong.
    case $("$fermata" journal stat "$journal" 2>/dev/null | sed -n 's/^ending *//p') in
    torn* | open*) continue ;;
    esac
    mark=$(dirname "$journal")/verified
    if [ ! -e "$mark" ] || [ -n "$(find "$journal" -newer "$mark" -print -quit)" ]; then
        if "$fermata" journal verify "$journal" >/dev/null; then
            : >"$mark"
        else
            printf '<2>%s does not verify; nothing in it is compressed or removed\n' "$journal" >&2
            status=1
            continue
        fi
    fi
    # shellcheck disable=SC2086 # several options
    "$fermata" journal retain "$journal" --compress $keep || status=1
    : >"$mark"
done
exit $status
