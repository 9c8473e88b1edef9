/* version.h - the version that this build reports on the command line and in its metrics.
 *
 * Edit the version here; deploy/version.sh copies it to the files that cannot include this file.
 */
#ifndef MAYFLY_VERSION_H
#define MAYFLY_VERSION_H

#define MAYFLY_VERSION "0.1.0"

#endif
