/* A C library that fails on demand: preloaded, it stands between a program and the calls that reach files.
 *
 * Only files below SHIM_UNDER count. The SHIM_AT-th call of the kind SHIM_CALL, counted over all threads, comes to
 * what SHIM_HOW says; with SHIM_STICKY so do all calls of the kind after it.
 *
 *   SHIM_CALL   write, read, fsync, fdatasync, range (sync_file_range), open, rename, truncate, unlink, mkdir,
 *               thread (pthread_create, wherever the files are)
 *   SHIM_HOW    eio, enospc, emfile, erofs, eagain: fails so
 *               short: half of it is written or read
 *               flip:  one bit of what was read is another one
 *               lie:   a sync says it did and did not
 *               exit:  the process ends there, with code 77
 *               slow:  it takes 20 milliseconds longer
 *               hang:  it never returns
 *   SHIM_GATE   calls count once this file is there
 *   SHIM_HIT    a file that is made once the call has come to pass
 *   SHIM_COUNT  a file for how many calls of each kind there were, written when the program ends by itself
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE, READ, FSYNC, FDATASYNC, RANGE, OPEN, RENAME, TRUNCATE, UNLINK, MKDIR, THREAD, KINDS };
static const char *const names[KINDS] = {"write", "read", "fsync", "fdatasync", "range",
                                         "open", "rename", "truncate", "unlink", "mkdir", "thread"};
enum how { NOTHING, FAIL, SHORT, FLIP, LIE, EXIT, SLOW, HANG };

static atomic_long counts[KINDS];
static char under[4096];
static size_t under_length;
static int kind = -1, sticky, error;
static enum how how;
static long at;
static const char *gate;

static const struct { const char *name; enum how how; int error; } hows[] = {
    {"eio", FAIL, EIO}, {"enospc", FAIL, ENOSPC}, {"emfile", FAIL, EMFILE}, {"erofs", FAIL, EROFS},
    {"eagain", FAIL, EAGAIN},
    {"short", SHORT, 0}, {"flip", FLIP, 0}, {"lie", LIE, 0}, {"exit", EXIT, 0}, {"slow", SLOW, 0}, {"hang", HANG, 0},
};

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("SHIM_UNDER"), *call = getenv("SHIM_CALL"), *what = getenv("SHIM_HOW");
    const char *number = getenv("SHIM_AT");
    if (!folder) return;
    snprintf(under, sizeof under, "%s", folder);
    under_length = strlen(under);
    for (int i = 0; call && i < KINDS; i++)
        if (!strcmp(call, names[i])) kind = i;
    for (size_t i = 0; what && i < sizeof hows / sizeof *hows; i++)
        if (!strcmp(what, hows[i].name)) how = hows[i].how, error = hows[i].error;
    at = number ? atol(number) : 0;
    gate = getenv("SHIM_GATE");
    sticky = getenv("SHIM_STICKY") != NULL;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("SHIM_COUNT");
    if (!path) return;
    char text[1024];
    int length = 0;
    for (int i = 0; i < KINDS; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "%s %ld\n", names[i], (long)counts[i]);
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0) {
        syscall(SYS_write, file, text, (size_t)length);
        syscall(SYS_close, file);
    }
}

static int is_below(const char *path) { return under_length && !strncmp(path, under, under_length); }

static int is_ours(int file) {
    char link[64], path[4096];
    if (!under_length) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_below(path);
}

/* Counts a call; what is to become of it. */
static enum how meet(enum kind met) {
    if (gate && syscall(SYS_faccessat, AT_FDCWD, gate, F_OK)) return NOTHING;
    long number = atomic_fetch_add(&counts[met], 1) + 1;
    if ((int)met != kind || how == NOTHING) return NOTHING;
    if (number != at && !(sticky && number > at)) return NOTHING;
    const char *hit = getenv("SHIM_HIT");
    if (hit && number == at) {
        int file = (int)syscall(SYS_openat, AT_FDCWD, hit, O_WRONLY | O_CREAT, 0600);
        if (file >= 0) syscall(SYS_close, file);
    }
    if (how == EXIT) _exit(77);
    if (how == SLOW) usleep(20000);
    while (how == HANG) pause();
    return how == SLOW ? NOTHING : how;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define NEXT(name) static __typeof__(&name) next; if (!next) next = REAL(name)

static size_t half(size_t length) { return length > 1 ? length / 2 : length; }

#define FAILED_SO(met) enum how come = (met); if (come == FAIL) { errno = error; return -1; }

ssize_t write(int file, const void *bytes, size_t length) {
    NEXT(write);
    if (!is_ours(file)) return next(file, bytes, length);
    FAILED_SO(meet(WRITE))
    return next(file, bytes, come == SHORT ? half(length) : length);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
    NEXT(pwrite64);
    if (!is_ours(file)) return next(file, bytes, length, offset);
    enum how come = meet(WRITE);
    if (come == FAIL) {
        /* What failed may have written some of it all the same. */
        if (error == ENOSPC && length > 1) next(file, bytes, half(length), offset);
        errno = error;
        return -1;
    }
    return next(file, bytes, come == SHORT ? half(length) : length, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) { return pwrite64(file, bytes, length, offset); }

ssize_t writev(int file, const struct iovec *parts, int count) {
    NEXT(writev);
    if (!is_ours(file)) return next(file, parts, count);
    FAILED_SO(meet(WRITE))
    return next(file, parts, come == SHORT && count > 1 ? count / 2 : count);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset) {
    NEXT(pwritev64);
    if (!is_ours(file)) return next(file, parts, count, offset);
    FAILED_SO(meet(WRITE))
    return next(file, parts, come == SHORT && count > 1 ? count / 2 : count, offset);
}

static ssize_t damaged(enum how come, void *bytes, ssize_t length) {
    if (come == FLIP && length > 0) ((unsigned char *)bytes)[length / 2] ^= 4;
    return length;
}

ssize_t read(int file, void *bytes, size_t length) {
    NEXT(read);
    if (!is_ours(file)) return next(file, bytes, length);
    FAILED_SO(meet(READ))
    return damaged(come, bytes, next(file, bytes, come == SHORT ? half(length) : length));
}

ssize_t pread64(int file, void *bytes, size_t length, off64_t offset) {
    NEXT(pread64);
    if (!is_ours(file)) return next(file, bytes, length, offset);
    FAILED_SO(meet(READ))
    return damaged(come, bytes, next(file, bytes, come == SHORT ? half(length) : length, offset));
}

ssize_t pread(int file, void *bytes, size_t length, off_t offset) { return pread64(file, bytes, length, offset); }

int fsync(int file) {
    NEXT(fsync);
    if (!is_ours(file)) return next(file);
    FAILED_SO(meet(FSYNC))
    return come == LIE ? 0 : next(file);
}

int fdatasync(int file) {
    NEXT(fdatasync);
    if (!is_ours(file)) return next(file);
    FAILED_SO(meet(FDATASYNC))
    return come == LIE ? 0 : next(file);
}

int sync_file_range(int file, off64_t offset, off64_t length, unsigned flags) {
    NEXT(sync_file_range);
    if (!is_ours(file)) return next(file, offset, length, flags);
    FAILED_SO(meet(RANGE))
    return come == LIE ? 0 : next(file, offset, length, flags);
}

int openat64(int folder, const char *path, int flags, ...) {
    NEXT(openat64);
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (!is_below(path) && !(path[0] != '/' && folder != AT_FDCWD && is_ours(folder)))
        return next(folder, path, flags, mode);
    FAILED_SO(meet(OPEN))
    return next(folder, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return openat64(AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return openat64(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return openat64(folder, path, flags | O_LARGEFILE, mode);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    if (!is_below(from)) return next(from, to);
    FAILED_SO(meet(RENAME))
    return next(from, to);
}

int ftruncate64(int file, off64_t length) {
    NEXT(ftruncate64);
    if (!is_ours(file)) return next(file, length);
    FAILED_SO(meet(TRUNCATE))
    return next(file, length);
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

int unlink(const char *path) {
    NEXT(unlink);
    if (!is_below(path)) return next(path);
    FAILED_SO(meet(UNLINK))
    return next(path);
}

int unlinkat(int folder, const char *path, int flags) {
    NEXT(unlinkat);
    if (!is_below(path) && !(folder != AT_FDCWD && is_ours(folder))) return next(folder, path, flags);
    FAILED_SO(meet(UNLINK))
    return next(folder, path, flags);
}

int mkdir(const char *path, mode_t mode) {
    NEXT(mkdir);
    if (!is_below(path)) return next(path, mode);
    FAILED_SO(meet(MKDIR))
    return next(path, mode);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *), void *with) {
    NEXT(pthread_create);
    return under_length && meet(THREAD) == FAIL ? error : next(thread, attributes, begin, with);
}
