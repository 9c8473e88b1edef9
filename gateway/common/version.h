/* version.h - what this build calls itself: on the command line and in its metrics. */
#ifndef MAYFLY_VERSION_H
#define MAYFLY_VERSION_H

#define MAYFLY_VERSION "0.1.0"

#endif
