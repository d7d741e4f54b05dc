//! XXH64, with the seed 0.

const PRIMES: [u64; 5] = [
    0x9E37_79B1_85EB_CA87,
    0xC2B2_AE3D_27D4_EB4F,
    0x1656_67B1_9E37_79F9,
    0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5,
];

pub(super) fn xxhash64(bytes: &[u8]) -> u64 {
    let [p1, p2, p3, p4, p5] = PRIMES;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let stripes = bytes.chunks_exact(32);
    let mut rest = stripes.remainder();
    let mut hash = if bytes.len() < 32 {
        p5
    } else {
        let mut lanes = [p1.wrapping_add(p2), p2, 0, 0_u64.wrapping_sub(p1)];
        for stripe in stripes {
            for (lane, word) in lanes.iter_mut().zip(stripe.chunks_exact(8)) {
                *lane = round(*lane, little_endian(word));
            }
        }
        let turned = lanes.iter().zip([1, 7, 12, 18]);
        let all = turned.fold(0_u64, |all, (lane, by)| {
            all.wrapping_add(lane.rotate_left(by))
        });
        lanes.iter().fold(all, |all, lane| {
            (all ^ round(0, *lane)).wrapping_mul(p1).wrapping_add(p4)
        })
    };
    hash = hash.wrapping_add(length);
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        hash = (hash ^ round(0, little_endian(word)))
            .rotate_left(27)
            .wrapping_mul(p1)
            .wrapping_add(p4);
        rest = behind;
    }
    if let Some((word, behind)) = rest.split_first_chunk::<4>() {
        hash = (hash ^ little_endian(word).wrapping_mul(p1))
            .rotate_left(23)
            .wrapping_mul(p2)
            .wrapping_add(p3);
        rest = behind;
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte).wrapping_mul(p5))
            .rotate_left(11)
            .wrapping_mul(p1);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(p2);
    hash = (hash ^ hash >> 29).wrapping_mul(p3);
    hash ^ hash >> 32
}

fn round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(PRIMES[1]))
        .rotate_left(31)
        .wrapping_mul(PRIMES[0])
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u64::from(*byte))
}
