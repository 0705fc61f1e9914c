/* key_file.c - see key_file.h. */
#include "proc/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void key_file_path(char to[KEY_PATH_ROOM], const char *folder, const char *name)
{
    snprintf(to, KEY_PATH_ROOM, "%s/%s", folder, name);
}

/* Another name first. */
err key_file_write(const char *folder, const char *name, str bytes)
{
    char path[KEY_PATH_ROOM], fresh[KEY_PATH_ROOM + 8];
    key_file_path(path, folder, name);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    (void)unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return err_errno("error.access.master_key", str_of(fresh));
    bool good = bytes.n > 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fsync(fd) == 0;
    close(fd);
    if (good && rename(fresh, path) == 0) return OK;
    err e = err_errno("error.access.master_key", str_of(path));
    unlink(fresh);
    return e;
}

err key_file_look(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? ERR1(E_ABSENT, "error.letter_key.form", str_of(path))
                               : err_errno("error.access.master_key", str_of(path));
    if (!S_ISREG(st.st_mode) || st.st_mode & 077 || st.st_size > KEY_FILE_MAX)
        return ERR1(E_CONFIG, "error.letter_key.form", str_of(path));
    return OK;
}
