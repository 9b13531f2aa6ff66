#!/usr/bin/env bash
# Runs a command with a throw-away PostgreSQL: a private cluster on a private Unix socket, removed afterwards.
#   with_postgres.sh COMMAND...
# The command finds it through PGHOST, PGDATABASE and PGUSER (libpq's own variables) and FERMATA_TEST_POSTGRES.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "with_postgres: no PostgreSQL server; run ops/install/install.sh test" >&2; exit 1; }

dir=$(mktemp -d /tmp/fermata-postgres.XXXXXX)
user=$(id -un)
# The server refuses to run as root.
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$dir"
    user=postgres
    as_server() { (cd "$dir" && setpriv --reuid=postgres --regid=postgres --init-groups "$@"); }
else
    as_server() { (cd "$dir" && "$@"); }
fi
stop() {
    as_server "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM

as_server "$bin/initdb" --no-sync -A trust -U "$user" -D "$dir/data" >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
as_server "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/server.log" \
    -o "-k $dir -c listen_addresses='' -c fsync=off" start >/dev/null || { cat "$dir/server.log" >&2; exit 1; }
as_server "$bin/createdb" -h "$dir" -U "$user" fermata
chmod 755 "$dir"
PGHOST=$dir PGDATABASE=fermata PGUSER=$user FERMATA_TEST_POSTGRES=$dir "$@"
