# SPDX-License-Identifier: MIT
"""solscan: which interfaces of Solaris a source tree uses; see solscan(1).

table       what is known of each interface (interfaces.tsv)
lexer       a C or C++ file as tokens with their places
conditions  what a line of #if says about code on Solaris
source      uses and definitions in one file of C or C++
build       uses in Makefiles, configure's input and scripts
tree        a whole source tree: which names are the program's own
text        the report for people
formats     JSON and SARIF
page        libthread-interfaces(7)
cli         the command line
"""
