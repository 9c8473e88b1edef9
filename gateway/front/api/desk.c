#include "front/api/desk.h"

#include <stdlib.h>

#include "common/wire.h"

struct desk *desk_take(struct desk **spare)
{
    struct desk *desk = *spare ? *spare : calloc(1, sizeof *desk);
    *spare = NULL;
    if (!desk)
        return NULL;
    *desk = (struct desk){.mark = 0};
    buf_init(&desk->frame, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    return desk;
}

void desk_leave(struct desk *desk, struct desk **spare)
{
    if (!desk)
        return;
    request_reader_free(desk->reader);
    request_release(&desk->request);
    buf_release(&desk->frame);
    if (*spare)
        free(desk);
    else
        *spare = desk;
}
