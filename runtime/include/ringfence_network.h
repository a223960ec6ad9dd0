/* Networks of communicating sequential processes, and their deadlocks. Needs no Python, as ringfence_channel.h.
 *
 * A *process* is a thread that has entered a *network*. Where every process of a network waits without a deadline on
 * channels that only processes use (rf_channel_inside), nothing can ever happen again: that is found when the last one
 * begins to wait, and every wait ends with RF_DEADLOCK. */
#ifndef RINGFENCE_NETWORK_H
#define RINGFENCE_NETWORK_H

#include "ringfence_channel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A shared thing: rf_retain, rf_release, and messages may refer to it. */
typedef struct rf_network rf_network;
RF_API rf_network *rf_network_new(void); /* no process; one reference; NULL without memory */

/* Promises that only processes of one network use the channel from now on. */
RF_API void rf_channel_inside(rf_channel *channel);

/* A process that will begin counts from rf_network_expect on, so that those who wait for it are in no deadlock. It begins
 * in its thread with rf_process_begin (0; -1 without memory, or where the thread is a process already) and ends there
 * with rf_process_end. rf_network_forget takes back one expect whose process will not begin. */
RF_API void rf_network_expect(rf_network *network);
RF_API void rf_network_forget(rf_network *network);
RF_API int rf_process_begin(rf_network *network, const char *name);
RF_API void rf_process_end(void);

/* The network of the calling thread, borrowed; NULL where it is no process. */
RF_API rf_network *rf_process_network(void);

/* Who waited for what when a deadlock was found, one line a process; malloc'ed, NULL where none was. */
RF_API char *rf_network_report(rf_network *network);

#ifdef __cplusplus
}
#endif
#endif
