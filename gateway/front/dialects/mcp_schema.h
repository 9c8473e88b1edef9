/* mcp_schema.h - JSON Schema of the arguments and results of tools.
 *
 * A schema is written with apostrophes in place of quotes. Pure: settings in, JSON out.
 */
#ifndef MAYFLY_MCP_SCHEMA_H
#define MAYFLY_MCP_SCHEMA_H

#include "common/config.h"
#include "common/json.h"

#define SCHEMA_TEXT "{'type':'string'}"
#define SCHEMA_INTEGER "{'type':'integer'}"
#define SCHEMA_BOOL "{'type':'boolean'}"
/* Some MCP hosts reject a list of types. */
#define SCHEMA_TEXT_OR_NULL "{'anyOf':[{'type':'string'},{'type':'null'}]}"
#define SCHEMA_INTEGER_OR_NULL "{'anyOf':[{'type':'integer'},{'type':'null'}]}"
#define SCHEMA_NUMBER_OR_NULL "{'anyOf':[{'type':'number'},{'type':'null'}]}"

/* Files with content. */
#define SCHEMA_OF_FILES                                                                            \
    "{'type':'array','items':{'type':'object','required':['path'],'properties':{'path'"            \
    ":" SCHEMA_TEXT ",'size_bytes':" SCHEMA_INTEGER ",'media_type':" SCHEMA_TEXT                   \
    ",'content':" SCHEMA_TEXT                                                                      \
    ",'encoding':{'type':'string','enum':['utf-8','base64']},'truncated':" SCHEMA_BOOL "}}}"

/* The members of a result with isError whose call did nothing. */
#define SCHEMA_OF_REFUSAL                                                                          \
    "'reason':" SCHEMA_TEXT_OR_NULL ",'message':" SCHEMA_TEXT_OR_NULL                              \
    ",'code':{'type':'string','description':'Why nothing was done.'},"                             \
    "'errors':{'type':'array','items':{'type':'object','properties':{"                             \
    "'field':" SCHEMA_TEXT ",'message':" SCHEMA_TEXT "}}},"                                        \
    "'retry_after':{'type':'integer','description':'Seconds after which it may work.'}"

/* The members of the API's answer. A run that did not start has fewer. */
#define SCHEMA_OF_ANSWER                                                                           \
    "'status':{'type':'string','enum':['success','error','timeout','failed']},"                    \
    "'id':" SCHEMA_TEXT ",'stdout':" SCHEMA_TEXT ",'stderr':" SCHEMA_TEXT ","                      \
    "'execution_time':{'type':'number','description':'Seconds.'},"                                 \
    "'return_code':" SCHEMA_INTEGER_OR_NULL ",'signal':" SCHEMA_TEXT_OR_NULL ","                   \
    "'stdout_bytes':" SCHEMA_INTEGER ",'stderr_bytes':" SCHEMA_INTEGER ","                         \
    "'stdout_truncated':" SCHEMA_BOOL ",'stderr_truncated':" SCHEMA_BOOL ","                       \
    "'cpu_time':" SCHEMA_NUMBER_OR_NULL ",'peak_memory':" SCHEMA_INTEGER_OR_NULL ","               \
    "'queue_time':{'type':'number'},'start':" SCHEMA_TEXT_OR_NULL ",'files':" SCHEMA_OF_FILES ","  \
    "'displays':{'type':'array','description':'Plots and the like, which the content shows.',"     \
    "'items':{'type':'object','properties':{'media_type':" SCHEMA_TEXT                             \
    ",'size_bytes':" SCHEMA_INTEGER "}}}," SCHEMA_OF_REFUSAL

/* Put JSON that has apostrophes in place of quotes, as a value or as a member. */
void mcp_schema_put(struct json_out *json, const char *text);
void mcp_schema_put_member(struct json_out *json, const char *name, const char *text);

/* Open the schema of an object, up to its first property, and close it. `required` is the array of
 * the properties that must be present. */
void mcp_schema_open(struct json_out *json);
void mcp_schema_close(struct json_out *json, const char *required);

/* Put the property of this name, with the caller's limits. */
void mcp_schema_put_timeout(struct json_out *json, const struct config *config);
void mcp_schema_put_runtime(struct json_out *json, const struct config *config);
void mcp_schema_put_files(struct json_out *json, const char *description);
void mcp_schema_put_outputs(struct json_out *json);
/* Put the property of a time from `least_ms` to `most_ms`. usual_ms is its default; 0: it has
 * none. */
void mcp_schema_put_seconds(struct json_out *json, const char *name, uint32_t least_ms,
                            uint32_t most_ms, uint32_t usual_ms, const char *description);

#endif
