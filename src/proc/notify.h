/* notify.h - tells the service manager how the program is (sd_notify's protocol: datagrams to the
 * socket that NOTIFY_SOCKET names). The supervisor alone: opened before its rights go; nothing
 * happens where no manager asked. One thread. */
#pragma once
#include "base/base.h"

void notify_open(void); /* and takes the name out of the environment: children are not asked */
void notify_tell(const char *what); /* "READY=1", "STOPPING=1" */
