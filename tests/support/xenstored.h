/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveTestXenstored:
 *
 * The real oxenstored in a private directory, and what libxl, hotplug scripts and guests write into it. It needs
 * neither Xen nor root, and several can run at once. What is written is done when a function returns; a failure ends
 * the test program.
 */
typedef struct _LiveTestXenstored LiveTestXenstored;

/* Whether oxenstored is on this machine; the caller skips its tests otherwise, and says so. */
gboolean live_test_xenstored_is_installed (void);

/* Makes the directory, and starts the store in it, with nothing inside. */
LiveTestXenstored *live_test_xenstored_new (void);
void live_test_xenstored_free (LiveTestXenstored *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTestXenstored, live_test_xenstored_free)

/* (transfer none) */
const char *live_test_xenstored_get_socket (LiveTestXenstored *self);

/* After a stop it starts with nothing inside. */
void live_test_xenstored_start (LiveTestXenstored *self);
void live_test_xenstored_stop (LiveTestXenstored *self);
/* SIGSTOP and SIGCONT: a store that does not answer. */
void live_test_xenstored_freeze (LiveTestXenstored *self);
void live_test_xenstored_thaw (LiveTestXenstored *self);

/* As dom0. @length in bytes, -1 for text. Removing what is not there is no failure. */
void live_test_xenstored_write (LiveTestXenstored *self, const char *path, const char *value, gssize length);
void live_test_xenstored_remove (LiveTestXenstored *self, const char *path);

/**
 * live_test_xenstored_attach:
 * @domid: a domain
 * @dev: name in the domain, such as `xvda`
 * @mode: `r` or `w`
 * @device: hexadecimal major and minor of dom0's device, such as `fe:0`; %NULL to stop before the hotplug script
 *
 * The nodes of a block device in the order in which they come: libxl's in one transaction, then those of the hotplug
 * script one by one, then the driver's state.
 */
void live_test_xenstored_attach (
    LiveTestXenstored *self, guint domid, const char *dev, const char *mode, const char *device);
/* The second half of it, for a device attached without. */
void live_test_xenstored_plug (LiveTestXenstored *self, guint domid, const char *dev, const char *device);
/* Mode and device of an attached one, at the same moment. */
void live_test_xenstored_exchange (
    LiveTestXenstored *self, guint domid, const char *dev, const char *mode, const char *device);
/* First the state, as the driver does, then all nodes. */
void live_test_xenstored_detach (LiveTestXenstored *self, guint domid, const char *dev);
/* All of a domain's devices at once. */
void live_test_xenstored_forget_domain (LiveTestXenstored *self, guint domid);

/* Path of a node of the backend. (transfer full) */
char *live_test_xenstored_path (guint domid, const char *dev, const char *key);

/* A guest with a directory of its own, and its page to talk to the store over. */
void live_test_xenstored_introduce (LiveTestXenstored *self, guint domid);
/* As that guest, with nothing but its own rights. 0 or the errno that the store answered with. */
int live_test_xenstored_guest_write (LiveTestXenstored *self, guint domid, const char *path, const char *value);
int live_test_xenstored_guest_remove (LiveTestXenstored *self, guint domid, const char *path);

G_END_DECLS
