#!/bin/bash
# packages.sh - the packages of the runtime python-data, unpacked below a folder; runs in the image's build.
#
#   packages.sh FOLDER
#
# Debian's packages depend on much that nothing here loads: compilers and headers (scipy, to translate Python to C++),
# Tk and X (matplotlib, to open windows), parsers of fonts (fonttools), what setuptools and completion in a shell use.
# That is 700 MB, so apt says which packages would be installed, and all but those are unpacked. OpenBLAS is the one
# without threads: a box has one CPU. The two fonts are those that programs name (DejaVu, by file), and one for Chinese,
# Japanese and Korean of 5 MB, where others have up to 90.
set -euo pipefail

readonly folder=$1
readonly wanted=(python3-{numpy,pandas,matplotlib,scipy,sklearn,seaborn,sympy,networkx} libopenblas0-serial
    python3-{openpyxl,lxml,bs4,requests,jinja2,tabulate,pytest,ipython} fonts-{dejavu-core,wqy-microhei})
readonly unused='.*-dev|.*-dev-bin|rpcsvc-proto|(binutils|cpp|g[+][+]|gcc|linux-libc|unicode-data).*|
lib(asan|tsan|lsan|ubsan|cc1|itm|isl|mpc|mpfr|jansson|binutils|ctf|gprofng|boost|js-|proc2).*|
blt|tk8.*|lib(tcl|tk|x11|xext|xft|xrender|xss|fontconfig).*|x11-common|fontconfig-config|
libopenblas0|libopenblas0-pthread|libpython3-stdlib|python3|python3[.][0-9]+(-tk)?|openssl|procps|
python3-(all|appdirs|beniget|brotli|distutils|fs|gast|lib2to3|lz4|pil.imagetk)|
python3-(autocommand|inflect|jaraco.*|more-itertools|typeguard|typeshed|zipp)|
python3-(pkg-resources|ply|pythran|setuptools|tk|ufolib2|unicodedata2)'

mkdir -p "$folder" /tmp/packages
cd /tmp/packages
apt-get install --simulate --no-install-recommends "${wanted[@]}" | sed -n 's/^Inst \([^ ]*\).*/\1/p' |
    grep -vxE "${unused//$'\n'/}" | xargs apt-get download -qq -o APT::Sandbox::User=root
for package in *.deb; do
    dpkg-deb --fsys-tarfile "$package" | python3 /tmp/python-data/unpack.py "$folder"
done
# A box has no network, but requests wants the file before it looks for a name. Nothing of the package is run here.
mkdir -p "$folder/etc/ssl/certs"
cat "$folder"/usr/share/ca-certificates/mozilla/*.crt >"$folder/etc/ssl/certs/ca-certificates.crt"
rm -r "$folder/usr/share/ca-certificates" "$folder/usr/sbin/update-ca-certificates" "$folder/etc/ca-certificates"
cd "$folder"/usr/lib/*-linux-gnu
ln -s openblas-serial/lib* .
