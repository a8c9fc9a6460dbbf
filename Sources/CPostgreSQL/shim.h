#ifndef SWAPLINE_CPOSTGRESQL_SHIM_H
#define SWAPLINE_CPOSTGRESQL_SHIM_H

// By its whole path, so that who compiles against the module alone needs no flag.
#include <postgresql/libpq-fe.h>

// Macros, which Swift does not import: the fields of an error, postgresql.org/docs/15/libpq-exec.html.
static const int swapline_pg_sqlstate = PG_DIAG_SQLSTATE;
static const int swapline_pg_primary_message = PG_DIAG_MESSAGE_PRIMARY;

#endif
