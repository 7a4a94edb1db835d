/*
 * The library works through a manager, which holds what is under way (the
 * sums' lanes) and a table of the functions that suit this processor.  GMAC has
 * nothing under way between two calls, so that one manager, which nobody
 * changes, does for all of its keys; sums need a manager each.
 */
#include "base/multi_buffer.h"

#ifdef HAVE_IPSEC_MB

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <intel-ipsec-mb.h>

enum {
	/* Under way at once: whole rounds of sixteen lanes. */
	jobs_at_once = 64,
	sha256_bytes = 32,
	nonce_bytes = 12,
	tag_bytes = 16,
	alignment = 64, /* of the library's structures */
};
_Static_assert((int)jobs_at_once < (int)IMB_MAX_JOBS, "they have a place each");

/*
 * Without AES-NI some builds of the library emulate it, many times slower than
 * OpenSSL is; others give no manager.
 */
static IMB_MGR *
new_manager(void)
{
	IMB_ARCH arch = IMB_ARCH_NONE;
	IMB_MGR *manager = alloc_mb_mgr(0);

	if (manager == NULL)
		return NULL;
	init_mb_mgr_auto(manager, &arch);
	if (imb_get_errno(manager) == 0 && arch >= IMB_ARCH_SSE)
		return manager;
	free_mb_mgr(manager);
	return NULL;
}

/* --- sums -------------------------------------------------------------------- */

struct multi_buffer {
	IMB_MGR *manager;
};

struct multi_buffer *
multi_buffer_new(void)
{
	struct multi_buffer *buffer = calloc(1, sizeof(*buffer));

	if (buffer == NULL)
		return NULL;
	buffer->manager = new_manager();
	if (buffer->manager != NULL)
		return buffer;
	free(buffer);
	return NULL;
}

void
multi_buffer_free(struct multi_buffer *buffer)
{
	if (buffer == NULL)
		return;
	free_mb_mgr(buffer->manager);
	free(buffer);
}

/* The number of jobs that came back with this call: 0 or 1. */
static size_t
is_done(const IMB_JOB *job)
{
	assert(job == NULL || job->status == IMB_STATUS_COMPLETED);
	return job != NULL;
}

static size_t
submit(IMB_MGR *manager, const uint8_t *message, size_t len,
    uint8_t ret_digest[sha256_bytes])
{
	IMB_JOB *job = IMB_GET_NEXT_JOB(manager);

	*job = (IMB_JOB){
		.cipher_mode = IMB_CIPHER_NULL,
		.cipher_direction = IMB_DIR_ENCRYPT,
		.chain_order = IMB_ORDER_HASH_CIPHER,
		.hash_alg = IMB_AUTH_SHA_256,
		.src = message,
		.msg_len_to_hash_in_bytes = len,
		.auth_tag_output = ret_digest,
		.auth_tag_output_len_in_bytes = sha256_bytes,
	};
	return is_done(IMB_SUBMIT_JOB(manager));
}

/* At most jobs_at_once. */
static void
sum_some(IMB_MGR *manager, const uint8_t *messages, size_t len, size_t count,
    uint8_t ret_digests[][sha256_bytes])
{
	size_t done = 0;

	for (size_t i = 0; i < count; i++)
		done +=
		    submit(manager, messages + i * len, len, ret_digests[i]);
	for (IMB_JOB *job; (job = IMB_FLUSH_JOB(manager)) != NULL;)
		done += is_done(job);
	assert(done == count);
	(void)done;
}

void
multi_buffer_sha256(struct multi_buffer *buffer, const uint8_t *messages,
    size_t len, size_t count, size_t digest_len, uint8_t *ret_digests)
{
	uint8_t digests[jobs_at_once][sha256_bytes];

	for (size_t at = 0; at < count; at += jobs_at_once) {
		size_t some =
		    count - at < jobs_at_once ? count - at : jobs_at_once;

		sum_some(
		    buffer->manager, messages + at * len, len, some, digests);
		for (size_t i = 0; i < some; i++)
			memcpy(ret_digests + (at + i) * digest_len, digests[i],
			    digest_len);
	}
}

/* --- GMAC -------------------------------------------------------------------- */

struct multi_buffer_gmac {
	struct gcm_key_data key;
	struct gcm_context_data state; /* within one call */
};

static IMB_MGR *functions; /* NULL: not here */
static pthread_once_t looked = PTHREAD_ONCE_INIT;

/* Without the wide multiplication of AVX-512, OpenSSL is as fast. */
static bool
is_wide(const IMB_MGR *manager)
{
	static const uint64_t wide =
	    IMB_FEATURE_AVX512_SKX | IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ;

	return (manager->features & wide) == wide;
}

static void
look_for_functions(void)
{
	functions = new_manager();
	if (functions == NULL || is_wide(functions))
		return;
	free_mb_mgr(functions);
	functions = NULL;
}

struct multi_buffer_gmac *
multi_buffer_gmac_new(const uint8_t key[32])
{
	void *place = NULL;

	(void)pthread_once(&looked, look_for_functions);
	if (functions == NULL || posix_memalign(&place, alignment,
				     sizeof(struct multi_buffer_gmac)) != 0)
		return NULL;
	struct multi_buffer_gmac *gmac = place;
	IMB_AES256_GCM_PRE(functions, key, &gmac->key);
	return gmac;
}

void
multi_buffer_gmac_free(struct multi_buffer_gmac *gmac)
{
	if (gmac == NULL)
		return;
	explicit_bzero(gmac, sizeof(*gmac));
	free(gmac);
}

void
multi_buffer_gmac(struct multi_buffer_gmac *gmac,
    const uint8_t nonce[nonce_bytes], const void *bytes, size_t len,
    uint8_t ret_tag[tag_bytes])
{
	IMB_AES256_GMAC_INIT(
	    functions, &gmac->key, &gmac->state, nonce, nonce_bytes);
	IMB_AES256_GMAC_UPDATE(functions, &gmac->key, &gmac->state, bytes, len);
	IMB_AES256_GMAC_FINALIZE(
	    functions, &gmac->key, &gmac->state, ret_tag, tag_bytes);
}

#else /* !HAVE_IPSEC_MB */

struct multi_buffer *
multi_buffer_new(void)
{
	return NULL;
}

void
multi_buffer_free(struct multi_buffer *buffer)
{
	(void)buffer;
}

struct multi_buffer_gmac *
multi_buffer_gmac_new(const uint8_t key[32])
{
	(void)key;
	return NULL;
}

void
multi_buffer_gmac_free(struct multi_buffer_gmac *gmac)
{
	(void)gmac;
}

/* Nobody has a handle to call these with. */
void
multi_buffer_sha256(struct multi_buffer *buffer, const uint8_t *messages,
    size_t len, size_t count, size_t digest_len, uint8_t *ret_digests)
{
	(void)buffer;
	(void)messages;
	(void)len;
	(void)count;
	(void)digest_len;
	(void)ret_digests;
}

void
multi_buffer_gmac(struct multi_buffer_gmac *gmac, const uint8_t nonce[12],
    const void *bytes, size_t len, uint8_t ret_tag[16])
{
	(void)gmac;
	(void)nonce;
	(void)bytes;
	(void)len;
	(void)ret_tag;
}

#endif
