/* main.c - the program's door: hands its arguments to the command table. */
#include "base/base.h"

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
