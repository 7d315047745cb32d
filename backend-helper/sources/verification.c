/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/verification.h"

#include "model/vbd.h"
#include "sources/blocks.h"
#include "sources/qubesd-reply.h"

/* A domain id that no domain has. */
#define NO_DOMAIN G_MAXUINT

struct _LiveVerification
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveXenstore *xenstore;
  LiveCrypt *crypt;
  GPtrArray *mounts;        /* NULL: not known */
  GPtrArray *mounted;       /* the devices that those are on, with others; NULL: not known */
  GHashTable *looks;        /* name → LiveLook: the running qubes */
  guint n_asked;            /* questions so far: an answer is taken only by the look that asked it last */
  GCancellable *cancellable;
};

/* One running qube, and how far we are with looking at it. */
typedef struct
{
  char *name;
  guint domid;
  guint asked_domain; /* number of the last question for the domain */
  guint asked;        /* number of the last look at the devices: one may come while the other question is open */
  guint n_waiting;    /* devices that are still being resolved */
  LiveDevice devices[LIVE_N_VOLUMES];
  LiveDevice others;
} LiveLook;

/* One device on its way through a thread. */
typedef struct
{
  LiveVerification *verification;
  char *name;
  guint asked;
  LiveDevice *device; /* in the look; only when that is still the one that asked */
  guint major;
  guint minor;
} LiveResolution;

G_DEFINE_FINAL_TYPE (LiveVerification, live_verification, G_TYPE_OBJECT)

static void
look_free (gpointer data)
{
  LiveLook *look = data;

  g_free (look->name);
  g_free (look);
}

static void
publish (LiveVerification *self, LiveLook *look, gboolean known)
{
  LiveQube *qube = live_system_find_qube (self->system, look->name);

  if (qube != NULL && live_qube_set_devices (qube, known ? look->devices : NULL, known ? &look->others : NULL))
    live_system_judge_qube (self->system, qube);
}

static LiveDevice *
get_device (LiveLook *look, const LiveVbd *vbd)
{
  static const char *const names[LIVE_N_VOLUMES] = { "xvda", "xvdb", "xvdc" };

  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    if (g_strcmp0 (vbd->dev, names[i]) == 0)
      return &look->devices[i];
  return &look->others;
}

/* Several devices may be the others: what they promise together is what the worst does. */
static void
merge (LiveDevice *device, LiveRest rest)
{
  /* Unknown may be a disk, but a disk is one for certain: that is the worse news. */
  if (device->rest == LIVE_REST_DISK || rest == LIVE_REST_DISK)
    device->rest = LIVE_REST_DISK;
  else
    device->rest = MIN (device->rest, rest);
}

/* A device of a qube is what it is now. A file behind it is on a device of dom0, which is not one of its parts. */
static LiveRest
judge (LiveVerification *self, GPtrArray *own, guint major, guint minor)
{
  g_autoptr (GPtrArray) blocks = g_ptr_array_new ();

  /* Of two with the same numbers the later counts. */
  for (guint i = 0; self->mounted != NULL && i < self->mounted->len; i++)
    g_ptr_array_add (blocks, g_ptr_array_index (self->mounted, i));
  for (guint i = 0; i < own->len; i++)
    g_ptr_array_add (blocks, g_ptr_array_index (own, i));
  return live_block_judge (blocks, self->mounts, major, minor);
}

static void
on_resolved (GObject *object, GAsyncResult *result, gpointer data)
{
  LiveResolution *resolution = data;
  g_autoptr (LiveVerification) self = resolution->verification;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) blocks = live_blocks_resolve_finish (result, &error);
  LiveLook *look = g_hash_table_lookup (self->looks, resolution->name);

  if (look != NULL && look->asked == resolution->asked)
    {
      if (blocks == NULL)
        g_message ("a device of %s cannot be looked at: %s", look->name, error->message);
      merge (resolution->device, blocks != NULL ? judge (self, blocks, resolution->major, resolution->minor)
                                                : LIVE_REST_UNKNOWN);
      if (--look->n_waiting == 0)
        publish (self, look, TRUE);
    }
  g_free (resolution->name);
  g_free (resolution);
}

static void
resolve (LiveVerification *self, LiveLook *look, const LiveVbd *vbd, LiveDevice *device)
{
  LiveResolution *resolution = g_new (LiveResolution, 1);

  resolution->verification = g_object_ref (self);
  resolution->name = g_strdup (look->name);
  resolution->asked = look->asked;
  resolution->device = device;
  resolution->major = vbd->major;
  resolution->minor = vbd->minor;
  look->n_waiting++;
  live_blocks_resolve_async (self->crypt, vbd->major, vbd->minor, self->cancellable, on_resolved, resolution);
}

/* An id is used again when its domain is gone. Of two qubes that claim the same, one has not been asked since. */
static gboolean
is_claimed_once (LiveVerification *self, guint domid)
{
  GHashTableIter iter;
  gpointer value = NULL;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->looks);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n += ((LiveLook *) value)->domid == domid;
  return n == 1;
}

/* From the nodes of the backends to the devices; the devices of the last look are not a fact any more. */
static void
look_at_devices (LiveVerification *self, LiveLook *look)
{
  static const LiveDevice none = { .rest = LIVE_REST_RAM };
  gboolean known = look->domid != NO_DOMAIN && is_claimed_once (self, look->domid);
  g_autoptr (GPtrArray) vbds = known ? live_xenstore_get_vbds (self->xenstore, look->domid) : NULL;

  look->asked = ++self->n_asked;
  look->n_waiting = 0;
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    look->devices[i] = none;
  look->others = none;
  for (guint i = 0; vbds != NULL && i < vbds->len; i++)
    if (!((LiveVbd *) g_ptr_array_index (vbds, i))->connected)
      g_clear_pointer (&vbds, g_ptr_array_unref); /* not final: the last one to connect comes with another event */
  if (vbds == NULL)
    {
      publish (self, look, FALSE);
      return;
    }

  look->n_waiting = 1; /* this function */
  for (guint i = 0; i < vbds->len; i++)
    {
      const LiveVbd *vbd = g_ptr_array_index (vbds, i);
      LiveDevice *device = get_device (look, vbd);

      /* The modules of the kernel (xvdd), and whatever else takes no writes, keeps nothing. */
      if (device == &look->others && vbd->read_only)
        continue;
      device->attached = TRUE;
      device->read_only = vbd->read_only;
      if (!vbd->read_only)
        resolve (self, look, vbd, device);
    }
  if (--look->n_waiting == 0)
    publish (self, look, TRUE);
}

static void
look_at_domain (LiveVerification *self, guint domid)
{
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->looks);
  while (domid != NO_DOMAIN && g_hash_table_iter_next (&iter, NULL, &value))
    if (((LiveLook *) value)->domid == domid)
      look_at_devices (self, value);
}

static void
forget (LiveVerification *self, LiveQube *qube)
{
  LiveLook *look = g_hash_table_lookup (self->looks, live_qube_get_name (qube));
  guint domid = look != NULL ? look->domid : NO_DOMAIN;

  g_hash_table_remove (self->looks, live_qube_get_name (qube));
  look_at_domain (self, domid);
}

static void
on_xid (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveResolution *question = data;
  g_autoptr (LiveVerification) self = question->verification;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, NULL);
  g_autoptr (LivePropertyValue) value = answer != NULL ? live_qubesd_reply_parse_property (answer, NULL) : NULL;
  LiveLook *look = g_hash_table_lookup (self->looks, question->name);
  guint domid = NO_DOMAIN;
  guint before;

  if (look != NULL && look->asked_domain == question->asked)
    {
      /* -1 while it does not run. 0 is dom0, which no qube is. */
      if (value == NULL || !live_vbd_parse_number (value->value, LIVE_DOMID_FIRST_RESERVED - 1, &domid) || domid == 0)
        domid = NO_DOMAIN;
      before = look->domid;
      look->domid = domid;
      if (domid == NO_DOMAIN)
        look_at_devices (self, look);
      if (before != domid)
        look_at_domain (self, before);
      look_at_domain (self, domid);
    }
  g_free (question->name);
  g_free (question);
}

static void
ask_for_domain (LiveVerification *self, LiveLook *look)
{
  LiveResolution *question = g_new0 (LiveResolution, 1);

  question->verification = g_object_ref (self);
  question->name = g_strdup (look->name);
  question->asked = look->asked_domain = ++self->n_asked;
  live_qubesd_client_call_async (self->client, "admin.vm.property.Get", "xid", look->name, NULL, 0, self->cancellable,
                                 on_xid, question);
}

/* Each complete reading of a qube may be of another domain than the last. */
static void
on_settled (LiveSystem *system, LiveQube *qube, LiveVerification *self)
{
  const char *name = live_qube_get_name (qube);
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  LiveLook *look = g_hash_table_lookup (self->looks, name);

  if (facts->klass == LIVE_QUBE_KLASS_OTHER || !live_qube_state_is_running (facts->state))
    {
      forget (self, qube);
      if (live_qube_set_devices (qube, NULL, NULL))
        live_system_judge_qube (system, qube);
      return;
    }
  if (look == NULL)
    {
      look = g_new0 (LiveLook, 1);
      look->name = g_strdup (name);
      look->domid = NO_DOMAIN;
      g_hash_table_insert (self->looks, look->name, look);
    }
  ask_for_domain (self, look);
}

static void
on_qube_removed (LiveSystem *system, LiveQube *qube, LiveVerification *self)
{
  forget (self, qube);
}

static void
on_domain_changed (LiveXenstore *xenstore, guint domid, LiveVerification *self)
{
  look_at_domain (self, domid);
}

/* What was seen through a store that is gone, or with a mount table that changed, has to be seen again. */
static void
look_at_all (LiveVerification *self)
{
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->looks);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    look_at_devices (self, value);
}

static void
on_xenstore_disconnected (LiveXenstore *xenstore, const GError *reason, LiveVerification *self)
{
  g_message ("what running qubes write to cannot be seen: %s", reason->message);
  look_at_all (self);
}

void
live_verification_set_dom0 (LiveVerification *self, GPtrArray *mounts, GPtrArray *blocks)
{
  g_clear_pointer (&self->mounts, g_ptr_array_unref);
  g_clear_pointer (&self->mounted, g_ptr_array_unref);
  self->mounts = mounts != NULL ? g_ptr_array_ref (mounts) : NULL;
  self->mounted = g_ptr_array_ref (blocks);
  look_at_all (self);
}

static void
live_verification_dispose (GObject *object)
{
  LiveVerification *self = LIVE_VERIFICATION (object);

  g_cancellable_cancel (self->cancellable);
  if (self->system != NULL)
    g_signal_handlers_disconnect_by_data (self->system, self);
  if (self->xenstore != NULL)
    g_signal_handlers_disconnect_by_data (self->xenstore, self);
  G_OBJECT_CLASS (live_verification_parent_class)->dispose (object);
}

static void
live_verification_finalize (GObject *object)
{
  LiveVerification *self = LIVE_VERIFICATION (object);

  g_hash_table_unref (self->looks);
  g_clear_pointer (&self->mounts, g_ptr_array_unref);
  g_clear_pointer (&self->mounted, g_ptr_array_unref);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->xenstore);
  g_clear_object (&self->client);
  g_clear_object (&self->system);
  g_clear_pointer (&self->crypt, live_crypt_unref);
  G_OBJECT_CLASS (live_verification_parent_class)->finalize (object);
}

static void
live_verification_class_init (LiveVerificationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = live_verification_dispose;
  object_class->finalize = live_verification_finalize;
}

static void
live_verification_init (LiveVerification *self)
{
  self->looks = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, look_free);
  self->cancellable = g_cancellable_new ();
}

LiveVerification *
live_verification_new (LiveSystem *system, LiveQubesdClient *client, LiveXenstore *xenstore, LiveCrypt *crypt)
{
  LiveVerification *self = g_object_new (LIVE_TYPE_VERIFICATION, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->xenstore = g_object_ref (xenstore);
  self->crypt = live_crypt_ref (crypt);
  g_signal_connect (system, "qube-settled", G_CALLBACK (on_settled), self);
  g_signal_connect (system, "qube-removed", G_CALLBACK (on_qube_removed), self);
  g_signal_connect (xenstore, "domain-changed", G_CALLBACK (on_domain_changed), self);
  g_signal_connect (xenstore, "disconnected", G_CALLBACK (on_xenstore_disconnected), self);
  return self;
}
