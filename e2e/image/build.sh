#!/usr/bin/env bash
# Builds the Dockerfile, untouched, on a machine that reaches no container
# registry, and tries the result. The golang image it asks for is stood in for
# by one made of this machine's own Go. Needs root and Debian's buildah.
#
#   e2e/image/build.sh [CONTEXT]     CONTEXT: the folder of the Dockerfile, this repository by default
#   STORE=DIR                        keep images and caches there, so that the next run is quick
set -euo pipefail

context=$(cd "${1:-$(dirname "$0")/../..}" && pwd)
base=localhost/gobase:1.26
image=localhost/rapporteur:test
question="When did Russia first raise information security at the UN?"
# What the program must say, and what the image may hold.
answer=1998
files=$'/etc/ssl/certs/ca-certificates.crt\n/rapporteur'

fail() { echo "image: $*" >&2; exit 1; }
step() { printf '\n--- %3ds  %s\n' "$SECONDS" "$*"; }

command -v buildah >/dev/null || fail "needs buildah (apt-get install buildah)"
[[ $(id -u) == 0 ]] || fail "needs root"

store=${STORE:-$(mktemp -d)}
mkdir -p "$store"
build() { buildah --root "$store/storage" --runroot "$store/run" "$@"; }
cleanup() {
	build rm --all >/dev/null 2>&1 || true
	[[ -z ${STORE:-} ]] || return 0
	build rmi --all --force >/dev/null 2>&1 || true
	umount "$store/storage/overlay" 2>/dev/null || true
	rm -rf --one-file-system "$store"
}
trap cleanup EXIT
# Caches of RUN --mount=type=cache lie under TMPDIR.
export TMPDIR=$store/tmp
mkdir -p "$TMPDIR"

make_base() {
	local c m tool lib
	c=$(build from scratch)
	m=$(build mount "$c")
	mkdir -p "$m"/{bin,lib,lib64,usr/bin,usr/local,tmp,root,go,etc/ssl/certs}
	chmod 1777 "$m/tmp"
	cp -a "$(go env GOROOT)" "$m/usr/local/go"
	for tool in /bin/sh /bin/ls /bin/cat /bin/mkdir /usr/bin/env; do
		cp -L "$tool" "$m$tool"
		for lib in $(ldd "$tool" | grep -o '/[^ ]*'); do
			mkdir -p "$m$(dirname "$lib")"
			cp -Ln "$lib" "$m$lib"
		done
	done
	cp /etc/ssl/certs/ca-certificates.crt "$m/etc/ssl/certs/"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$m/etc/passwd"
	build config --env PATH=/usr/local/go/bin:/bin:/usr/bin --env HOME=/root \
		--env GOPATH=/go --env GOTOOLCHAIN=local "$c"
	build umount "$c" >/dev/null
	build commit --quiet --rm "$c" "$base" >/dev/null
}

step "base image from $(go version | cut -d' ' -f3)"
if build inspect --type image "$base" >/dev/null 2>&1; then echo "kept from an earlier run"; else make_base; fi

step "build"
version=$(git -C "$context" describe --tags --always --dirty 2>/dev/null || echo test)
build bud --pull=never --isolation chroot --network host --format docker \
	--build-context "golang:1.26-bookworm=container-image://$base" \
	--build-arg "VERSION=$version" -t "$image" "$context"

step "what is in it"
c=$(build from --pull-never "$image")
m=$(build mount "$c")
found=$(cd "$m" && find . ! -type d -printf '/%P\n' | sort)
(cd "$m" && find . -mindepth 1 -printf '%M %u:%g %10s  /%P\n')
[[ $found == "$files" ]] || fail "the image should hold these files and no others:"$'\n'"$files"
[[ $(stat -c %u:%g "$m/data") == 65532:65532 ]] || fail "/data belongs to $(stat -c %u:%g "$m/data"), not to 65532:65532"
user=$(build inspect --type image --format '{{.Docker.Config.User}}' "$image")
[[ $user == 65532:65532 ]] || fail "runs as '$user', not as 65532:65532"
build inspect --type image --format 'user {{.Docker.Config.User}}, in {{.Docker.Config.WorkingDir}}, volumes {{.Docker.Config.Volumes}}, {{.Docker.Config.Entrypoint}} {{.Docker.Config.Cmd}}' "$image"

step "version"
said=$(build run --isolation chroot "$c" -- /rapporteur version)
echo "$said"
[[ $said == *"$version"* ]] || fail "version does not say $version"

step "ask"
said=$(build run --isolation chroot "$c" -- /rapporteur ask "$question")
echo "$said"
[[ $said == *"$answer"* ]] || fail "the answer to '$question' lacks $answer"

step "passed"
