/* SHA-256 (FIPS 180-4), hexadecimal and base64 (RFC 4648), without a library. */
#include "vmguestd.h"

#include <string.h>

static const uint32_t round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate(uint32_t word, int bits)
{
	return word >> bits | word << (32 - bits);
}

/* The one loop worth speed over size: every byte of an ISO goes through it. */
__attribute__((optimize("O2"))) static void sha256_block(struct sha256 *hash, const uint8_t *data)
{
	uint32_t w[64], s[8];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)data[4 * i] << 24 | (uint32_t)data[4 * i + 1] << 16 |
		       (uint32_t)data[4 * i + 2] << 8 | data[4 * i + 3];
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
	memcpy(s, hash->state, sizeof s);
	for (int i = 0; i < 64; i++) {
		uint32_t one = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
			       ((s[4] & s[5]) ^ (~s[4] & s[6])) + round_constants[i] + w[i];
		uint32_t two = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
			       ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		s[7] = s[6], s[6] = s[5], s[5] = s[4], s[4] = s[3] + one;
		s[3] = s[2], s[2] = s[1], s[1] = s[0], s[0] = one + two;
	}
	for (int i = 0; i < 8; i++)
		hash->state[i] += s[i];
}

void sha256_begin(struct sha256 *hash)
{
	static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	memcpy(hash->state, initial, sizeof initial);
	hash->bytes = 0;
}

void sha256_add(struct sha256 *hash, const void *data, size_t length)
{
	const uint8_t *next = data;
	size_t held = hash->bytes % 64;

	hash->bytes += length;
	if (held > 0) {
		size_t take = 64 - held < length ? 64 - held : length;
		memcpy(hash->block + held, next, take);
		next += take, length -= take;
		if (held + take < 64)
			return;
		sha256_block(hash, hash->block);
	}
	for (; length >= 64; next += 64, length -= 64)
		sha256_block(hash, next);
	memcpy(hash->block, next, length);
}

void sha256_end_hex(struct sha256 *hash, char hex[65])
{
	uint64_t bits = hash->bytes * 8;
	uint8_t pad[72] = { 0x80 }, digest[32];
	size_t held = hash->bytes % 64, zeros = held < 56 ? 56 - held : 120 - held;

	for (int i = 0; i < 8; i++)
		pad[zeros + i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(hash, pad, zeros + 8);
	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
	hex_encode(digest, sizeof digest, hex);
}

void hex_encode(const uint8_t *data, size_t length, char *hex)
{
	for (size_t i = 0; i < length; i++) {
		*hex++ = "0123456789abcdef"[data[i] >> 4];
		*hex++ = "0123456789abcdef"[data[i] & 15];
	}
	*hex = '\0';
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_encode(const uint8_t *data, size_t length, char *text)
{
	char *out = text;

	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t group = (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
				 (left > 2 ? data[i + 2] : 0);
		*out++ = alphabet[group >> 18];
		*out++ = alphabet[group >> 12 & 63];
		*out++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
		*out++ = left > 2 ? alphabet[group & 63] : '=';
	}
	*out = '\0';
	return (size_t)(out - text);
}

ssize_t base64_decode(const char *text, size_t length, uint8_t *data)
{
	uint8_t *out = data;

	if (length % 4 != 0)
		return -1;
	for (size_t i = 0; i < length; i += 4) {
		bool last = i + 4 == length;
		int pad = !last ? 0 : text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
		uint32_t group = 0;

		for (int k = 0; k < 4; k++) {
			const char *found = k >= 4 - pad ? alphabet : text[i + k] ? strchr(alphabet, text[i + k]) : NULL;
			if (found == NULL)
				return -1;
			group = group << 6 | (uint32_t)(found - alphabet);
		}
		if ((pad == 1 && group & 0xff) || (pad == 2 && group & 0xffff))
			return -1;
		*out++ = (uint8_t)(group >> 16);
		if (pad < 2)
			*out++ = (uint8_t)(group >> 8);
		if (pad < 1)
			*out++ = (uint8_t)group;
	}
	return out - data;
}
