// The entry of libFuzzer, which -sanitize=fuzzer links.
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(
    int *argc, char ***argv, int (*one)(const uint8_t *data, size_t size));
