#include "common/rpc_id.h"

#include "common/buf.h"

bool rpc_id_copy(char text[RPC_ID_BYTES], const struct json *value)
{
    struct buf buf;
    struct json_out json;
    int64_t number;
    text[0] = '\0';
    buf_init(&buf, RPC_ID_BYTES - 1);
    json_begin(&json, &buf);
    if (json_type_of(value) == JSON_STRING)
        json_put_string(&json, json_string(value).data, json_string(value).len);
    else if (json_type_of(value) == JSON_NUMBER && json_integer(value, &number))
        json_put_int(&json, number);
    else
        json.ok = false;
    if (json.ok)
        bytes_copy_cut(text, RPC_ID_BYTES, buf_bytes(&buf));
    buf_release(&buf);
    return json.ok;
}
