/* version.h - what this build calls itself: on the command line and in its metrics.
 *
 * The version is written here. deploy/version.sh copies it to the files that cannot read it here.
 */
#ifndef MAYFLY_VERSION_H
#define MAYFLY_VERSION_H

#define MAYFLY_VERSION "0.1.0"

#endif
