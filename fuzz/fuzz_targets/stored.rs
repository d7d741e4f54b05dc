#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    perk_queue::redis::hostile::stored(input);
});
