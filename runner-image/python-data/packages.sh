#!/bin/bash
# packages.sh - the packages of the runtime python-data, unpacked below a folder; runs in the image's build.
#
#   packages.sh FOLDER
#
# Debian's packages depend on much that nothing here loads: compilers and headers (scipy, to translate Python to C++),
# Tk and X (matplotlib, to open windows), parsers of fonts and symbolic mathematics (fonttools). That is 700 MB, so
# apt says which packages would be installed, and all but those are unpacked. OpenBLAS is the one without threads: a
# box has one CPU.
set -euo pipefail

readonly folder=$1
readonly wanted=(python3-numpy python3-pandas python3-matplotlib python3-scipy libopenblas0-serial)
readonly unused='.*-dev|.*-dev-bin|rpcsvc-proto|(binutils|cpp|g[+][+]|gcc|linux-libc|unicode-data).*|
lib(asan|tsan|lsan|ubsan|cc1|itm|atomic|isl|mpc|mpfr|jansson|binutils|ctf|gprofng|boost|icu|js-|xml2|xslt).*|
blt|tk8.*|lib(tcl|tk|x11|xext|xft|xrender|xss|fontconfig).*|x11-common|fontconfig-config|fonts-dejavu-core|
libopenblas0|libopenblas0-pthread|libpython3-stdlib|python3|python3.11|
python3-(all|appdirs|attr|beniget|brotli|decorator|distutils|fs|gast|lib2to3|lxml|lz4|mpmath|pil.imagetk)|
python3-(pkg-resources|ply|pythran|sympy|tk|ufolib2|unicodedata2)'

mkdir -p "$folder" /tmp/packages
cd /tmp/packages
apt-get install --simulate --no-install-recommends "${wanted[@]}" | sed -n 's/^Inst \([^ ]*\).*/\1/p' |
    grep -vxE "${unused//$'\n'/}" | xargs apt-get download -qq -o APT::Sandbox::User=root
for package in *.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$folder" --exclude='*/tests' --exclude='*.a' \
        --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/lintian --exclude=./usr/include
done
cd "$folder"/usr/lib/*-linux-gnu
ln -s openblas-serial/lib* .
