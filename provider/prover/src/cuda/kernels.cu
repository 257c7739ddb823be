// What a round is on a GPU, but for the products: keys of lines, entries, leaves of tiles, nodes over them. Bit for bit what gcx_math::proof says;
// its sources have the reasons. Compiled when the program runs, for the GPU that is there. Tags are given as two little-endian words.

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

// BLAKE2b, RFC 7693.
__device__ static const u64 IV[8] = {
	0x6a09e667f3bcc908ULL, 0xbb67ae8584caa73bULL, 0x3c6ef372fe94f82bULL, 0xa54ff53a5f1d36f1ULL,
	0x510e527fade682d1ULL, 0x9b05688c2b3e6c1fULL, 0x1f83d9abfb41bd6bULL, 0x5be0cd19137e2179ULL,
};

__device__ static __forceinline__ u64 rotated(u64 word, int by) {
	return (word >> by) | (word << (64 - by));
}

#define MIX(a, b, c, d, x, y) \
	a += b + (x); d = rotated(d ^ a, 32); c += d; b = rotated(b ^ c, 24); \
	a += b + (y); d = rotated(d ^ a, 16); c += d; b = rotated(b ^ c, 63);

#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15) \
	MIX(v0, v4, v8, v12, m[s0], m[s1]) MIX(v1, v5, v9, v13, m[s2], m[s3]) \
	MIX(v2, v6, v10, v14, m[s4], m[s5]) MIX(v3, v7, v11, v15, m[s6], m[s7]) \
	MIX(v0, v5, v10, v15, m[s8], m[s9]) MIX(v1, v6, v11, v12, m[s10], m[s11]) \
	MIX(v2, v7, v8, v13, m[s12], m[s13]) MIX(v3, v4, v9, v14, m[s14], m[s15])

// Adds a block to a state. `bytes` are those of the message up to its end.
__device__ static void add_block(u64 h[8], const u64 m[16], u64 bytes, bool last) {
	u64 v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3], v4 = h[4], v5 = h[5], v6 = h[6], v7 = h[7];
	u64 v8 = IV[0], v9 = IV[1], v10 = IV[2], v11 = IV[3];
	u64 v12 = IV[4] ^ bytes, v13 = IV[5], v14 = last ? ~IV[6] : IV[6], v15 = IV[7];
	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
	ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
	ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4)
	ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8)
	ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13)
	ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9)
	ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11)
	ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10)
	ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5)
	ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0)
	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
	ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
	h[0] ^= v0 ^ v8; h[1] ^= v1 ^ v9; h[2] ^= v2 ^ v10; h[3] ^= v3 ^ v11;
	h[4] ^= v4 ^ v12; h[5] ^= v5 ^ v13; h[6] ^= v6 ^ v14; h[7] ^= v7 ^ v15;
}

// The state of a digest of 32 bytes, without a key.
__device__ static void begin(u64 h[8]) {
	for (int at = 0; at < 8; at++) h[at] = IV[at];
	h[0] ^= 0x01010020ULL;
}

__device__ static u64 thread() {
	return (u64)blockIdx.x * blockDim.x + threadIdx.x;
}

// The two keys of each line of a side: the digest's first two words.
extern "C" __global__ void line_keys(u64 *keys, u64 seed0, u64 seed1, u64 seed2, u64 seed3, u32 side, u32 lines, u64 tag0, u64 tag1) {
	u64 line = thread();
	if (line >= lines) return;
	u64 h[8], m[16] = {tag0, tag1, seed0, seed1, seed2, seed3, (u64)side | (line << 8)};
	begin(h);
	add_block(h, m, 53, true);
	keys[2 * line] = h[0];
	keys[2 * line + 1] = h[1];
}

// Eight entries of a line, none of them -128.
__device__ static u64 entries_at(u64 first, u64 second, u64 index) {
	const u64 high = 0x8080808080808080ULL;
	u64 word = first + index * 0x9e3779b97f4a7c15ULL;
	word = ((word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL) ^ second;
	word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
	word ^= word >> 31;
	u64 others = word ^ high;
	u64 not_zero = ((others & ~high) + ~high) | others;
	return word ^ (~not_zero & high);
}

// The entries of all lines, one line after the other. A thread writes sixteen.
extern "C" __global__ void entries(u64 *matrix, const u64 *keys, u32 lines, u32 pairs) {
	u64 at = thread();
	if (at >= (u64)lines * pairs) return;
	u64 line = at / pairs, pair = at % pairs;
	u64 first = keys[2 * line], second = keys[2 * line + 1];
	ulonglong2 both;
	both.x = entries_at(first, second, 2 * pair);
	both.y = entries_at(first, second, 2 * pair + 1);
	((ulonglong2 *)matrix)[at] = both;
}

// The leaf of each tile, row of tiles by row of tiles. A side of a tile has 2^shift cells.
extern "C" __global__ void tile_leaves(u64 *leaves, const u32 *cells, u32 tiles, u32 across, u32 columns, u32 shift, u64 tag0, u64 tag1) {
	u64 tile = thread();
	if (tile >= tiles) return;
	const u32 *corner = cells + ((tile / across) * columns << shift) + ((tile % across) << shift);
	u32 edge = 1u << shift, words = 2 + (edge * edge >> 1);
	u64 h[8], m[16];
	begin(h);
	for (u32 from = 0; from < words; from += 16) {
#pragma unroll
		for (u32 at = 0; at < 16; at++) {
			u32 word = from + at;
			if (word < 2 || word >= words) {
				m[at] = word == 0 ? tag0 : word == 1 ? tag1 : 0;
				continue;
			}
			u32 cell = (word - 2) << 1;
			const u32 *there = corner + (u64)(cell >> shift) * columns + (cell & (edge - 1));
			m[at] = (u64)there[0] | ((u64)there[1] << 32);
		}
		bool last = from + 16 >= words;
		add_block(h, m, 8ULL * (last ? words : from + 16), last);
	}
	for (int at = 0; at < 4; at++) leaves[4 * tile + at] = h[at];
}

// The nodes over a level of so many; the last one is carried up if it is alone.
extern "C" __global__ void nodes(u64 *above, const u64 *level, u32 count, u64 tag0, u64 tag1) {
	u64 node = thread();
	if (2 * node >= count) return;
	const u64 *left = level + 8 * node;
	if (2 * node + 1 == count) {
		for (int at = 0; at < 4; at++) above[4 * node + at] = left[at];
		return;
	}
	u64 h[8], m[16] = {tag0, tag1};
	for (int at = 0; at < 8; at++) m[2 + at] = left[at];
	begin(h);
	add_block(h, m, 80, true);
	for (int at = 0; at < 4; at++) above[4 * node + at] = h[at];
}
