/* replay_main.c - runs a fuzz target on every file of the folders it is given: replay-NAME
 * FOLDER... Owns main() of the replay programs. No input at all is a failure, for it would prove
 * nothing. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

enum { INPUT_MAX_BYTES = 4 << 20 };

/* The input stands in a block of just its size, so that reading past it is seen. */
static int run_file(const char *path)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &st) || st.st_size > INPUT_MAX_BYTES) {
        fprintf(stderr, "%s: cannot be read, or is too large\n", path);
        exit(1);
    }
    size_t n = (size_t)st.st_size;
    uint8_t *data = malloc(n ? n : 1);
    if (!data || fread(data, 1, n, f) != n) exit(1);
    fclose(f);
    int result = LLVMFuzzerTestOneInput(data, n);
    free(data);
    return result;
}

static size_t run_folder(const char *folder)
{
    struct dirent **names;
    size_t runs = 0;
    int n = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        int len = snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && len > 0 && (size_t)len < sizeof path)
            run_file(path), runs++;
        free(names[i]);
    }
    if (n >= 0) free(names);
    return runs;
}

int main(int argc, char **argv)
{
    size_t runs = 0;
    for (int i = 1; i < argc; i++)
        runs += run_folder(argv[i]);
    printf("%zu inputs\n", runs);
    return runs == 0;
}
