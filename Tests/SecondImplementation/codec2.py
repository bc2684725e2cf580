"""Reader of codec-2 units, written to mirror codec-2.md; Python 3.9+, standard library only."""

M32 = 0xFFFFFFFF
SIZES = [12, 15, 16, 17, 17, 18, 17, 18]
SPANS = [255, 255, 255, 3, 3, 3, 255, 3]
LIMIT = 1 << 20
PRIMER = "".join([
    "اجتمع أعضاء المجلس في المدينة على أن يكون العمل من أجل كل السكان. ",
    "The members of the council said that it had been a good year for all and that they were to meet with people who live there. ",
    "Shugaban ƙasar ya ce za a yi taro da mutane a cikin garin, kuma ba su da ruwan sha. Wannan ne karon farko. ",
    "Boroy kul nee i ga koy fu. ",
    "Jamana ɲɛmɔgɔ y’a fɔ ko mɔgɔw ka kan ka baara kɛ ɲɔgɔn fɛ, nka u tɛ se ka o kɛ ni wari tɛ. ",
    "Le président du conseil a annoncé que les travaux de la commune, qui ont commencé hier dans le nord du pays, seront terminés en 2026. ",
    "« Il n'y a plus d'eau pour les élèves », dit une habitante. Selon le gouvernement, cette année des milliers de personnes ont été déplacées par la pluie. Ce sont elles que l'on aide.",
]).encode()


class Refused(Exception):
    """overLimit, trailingBytes or notCanonical."""


def signed(x):
    x &= M32
    return x - (1 << 32) if x >> 31 else x


def clip(x):
    return max(-2047, min(2047, x))


def logistic_tables():
    squash, power = [16] * 4096, 1 << 62
    for x in range(2048):
        p = (1 << 62) // ((1 << 46) + (power >> 16))
        squash[2048 + x] = min(65520, p)
        squash[2048 - x] = max(16, 65536 - p)
        power = power * 18374827034086858296 >> 64
    stretch, x = [], -2047
    for p in range(4096):
        while x < 2047 and squash[x + 2048] < p * 16 + 8:
            x += 1
        stretch.append(x)
    squash[0] = 16
    return squash, stretch


def history_tables():
    bounds = [40, 30, 12, 8, 6, 5]

    def allowed(a, b):
        return min(a, b) < 6 and max(a, b) <= bounds[min(a, b)]

    states, number = [], {}
    for total in range(61):
        for zeros in range(total + 1):
            ones = total - zeros
            if not allowed(zeros, ones):
                continue
            for last in (0, 1):
                if (last == 0 and zeros == 0 and ones > 0) or (last == 1 and ones == 0):
                    continue
                if last == 1 and zeros > 0 and total > 20:
                    number[zeros, ones, 1] = number[zeros, ones, 0]
                    continue
                number[zeros, ones, last] = len(states)
                states.append((zeros, ones))
    following, start = [], []
    for zeros, ones in states:
        start.append((ones * 2 + 1) * 65536 // ((zeros + ones + 1) * 2) - 32768)
        for bit in (0, 1):
            same, other = (ones, zeros) if bit else (zeros, ones)
            same += 1
            if other > 2:
                other = other.bit_length()
            while not allowed(same, other):
                if same > other:
                    same -= 1
                else:
                    other -= 1
            following.append(number[(other, same, 1) if bit else (same, other, 0)])
    return following, start


SQUASH, STRETCH = logistic_tables()
NEXT, START = history_tables()


class Model:
    def __init__(self):
        self.reset()

    def reset(self):
        self.slots = bytearray(1 << 24)
        self.maps = [START + [0] * (256 - len(START)) for _ in range(8)]
        self.origin, at = [], 0
        for size in SIZES:
            self.origin.append(at)
            at += 16 << size
        self.text, self.places = bytearray(1 << 20), [0] * (1 << 18)
        self.trust = [65536 - 65536 // (min(i & 31, 30) + 2) for i in range(128)]
        self.weights = {}
        self.finals = [32768] * 128
        self.nodes = [SQUASH[min(4095, i * 4096 // 31)] for i in range(32)]
        self.points = {}
        self.position = self.pointer = self.length = self.misses = self.expected = 0
        self.last = self.word = self.before = 0
        self.begin_byte()
        self.predict()
        self.prime(PRIMER)

    # Contexts

    def begin_byte(self):
        self.partial, self.node, self.count = 1, 1, 0
        last, word = self.last, self.word
        four, older = last & M32, last >> 32
        six = four + ((older & 0xFFFF) + 1) * 0x6F4F2A35 & M32
        values = [
            four & 0xFF, four & 0xFFFF, four & 0xFFFFFF, four,
            four + ((older & 0xFF) + 1) * 0x6F4F2A35, six,
            word + (four & 0xFF) * 0x3D4D51CB,
            word + self.before * 0x6F4F2A35 + (four & 0xFF)]
        self.hash, self.wanted, self.check = [], [], []
        for i, value in enumerate(values):
            x = (value & M32) ^ ((i + 1) * 0x27D4EB2F & M32)
            x = x * 0x9E3779B1 & M32
            x ^= x >> 15
            x = x * 0x85EBCA6B & M32
            x ^= x >> 13
            self.hash.append(x)
            x = x * 0x9E3779B1 & M32
            self.wanted.append(self.origin[i] + (x >> 32 - SIZES[i]) * 16)
            self.check.append(max(1, x & 255))
        self.find_slots()
        seven = (six + (older >> 16 & 0xFF) * 0x27D4EB2F) * 0x9E3779B1 & M32
        seven ^= seven >> 15
        self.find_match(seven * 0x85EBCA6B & M32)

    def second_half(self):
        for i in range(8):
            x = (self.hash[i] + self.partial) * 0x2F0B4C47 & M32
            self.wanted[i] ^= (x >> 24 & SPANS[i]) * 16
            self.check[i] = max(1, x >> 16 & 255)
        self.find_slots()
        self.node = 1

    def find_slots(self):
        self.found, self.known, slots = [], 0, self.slots
        for i, (first, check) in enumerate(zip(self.wanted, self.check)):
            three = [first, first ^ 16, first ^ 32]
            for at in three:
                if slots[at] == check:
                    self.known += 1 <= i <= 5
                    break
            else:
                at = min(three, key=lambda a: slots[a + 1])  # the first of equals
                slots[at:at + 16] = bytes([check]) + bytes(15)
            self.found.append(at)

    # Match

    def find_match(self, h):
        place, mark, text = h >> 14, h & 0xFFF, self.text
        entry = self.places[place]
        if self.length == 0 and entry != 0 and entry >> 20 == mark:
            start, same = entry & 0xFFFFF, 0
            while same < 32 and (text[start - 1 - same & 0xFFFFF]
                                 == text[self.position - 1 - same & 0xFFFFF]):
                same += 1
            if same >= 7:
                self.length, self.pointer = same, start
                if same >= 16:
                    self.misses = 0
        self.places[place] = self.position & 0xFFFFF | mark << 20
        self.expected = text[self.pointer & 0xFFFFF]

    def end_byte(self, byte):
        self.last = (self.last << 8 | byte) & 0xFFFFFFFFFFFFFFFF
        folded = byte + 32 if 0x41 <= byte <= 0x5A else byte
        if 0x61 <= folded <= 0x7A or folded >= 0x80 or 0x30 <= folded <= 0x39:
            self.word = (self.word + folded + 1) * 0x2F0B4C47 & M32
            self.word ^= self.word >> 15
        elif self.word != 0:
            self.before, self.word = self.word, 0
        self.text[self.position & 0xFFFFF] = byte
        self.position += 1
        if self.length > 0:
            self.pointer += 1
            if self.expected == byte:
                self.length = min(self.length + 1, 65535)
                if self.length % 16 == 0 and self.misses > 0:
                    self.misses -= 1
            else:
                self.length, self.misses = 0, min(self.misses + 1, 3)
        self.begin_byte()

    # Prediction

    def predict(self):
        states = [self.slots[at + self.node] for at in self.found]
        self.states = states
        p = self.p = [self.maps[i][s] for i, s in enumerate(states)]
        known = self.known
        self.row, level, strength, lean = -1, 0, 0, 0
        if self.length > 0 and (self.expected | 256) >> (8 - self.count) == self.partial:
            self.wish = self.expected >> (7 - self.count) & 1
            step = self.length if self.length < 16 else 16 + min(self.length - 16 >> 3, 15)
            self.row = step | self.misses << 5
            level = 1 + min(6, step >> 2)
            t = self.trust[self.row]
            strength, lean = STRETCH[t >> 4], t - 32768 >> 3
            if not self.wish:
                strength, lean = -strength, -lean
        self.inputs = [STRETCH[q + 32768 >> 4] for q in p] + [
            strength, lean, p[2] >> 3, p[3] >> 3, p[4] >> 3, p[5] >> 3, 256, p[7] >> 3]
        place = 0 if self.word == 0 else 512 if self.length > 0 else 256
        self.sets = (level * 8 + known, 64 + (place | self.partial))
        self.final = 2 * (known * 8 + self.count)
        self.logits = [self.dot(s) for s in self.sets]
        f = self.finals
        total = signed(f[self.final] * self.logits[0] + f[self.final + 1] * self.logits[1])
        mixed = clip(total >> 16)
        self.mixed = SQUASH[mixed + 2048]
        context = ((self.last & 255) << 8 | self.partial) * 0x9E3779B1 & M32
        row = self.points.setdefault(context >> 20, list(self.nodes))
        place = (mixed + 2048) * 31
        weight, below = place >> 5 & 127, place >> 12
        refined = row[below] * (128 - weight) + row[below + 1] * weight >> 7
        self.nearest = (row, below + (weight >> 6))
        self.probability = max(32, min(65503, self.mixed + refined >> 1))

    def dot(self, number):
        w = self.weights.setdefault(number, [1 << 13] * 9 + [0] * 7)
        return clip(sum(a * x for a, x in zip(w, self.inputs)) >> 15)

    def update(self, bit):
        row, i = self.nearest
        row[i] += (bit * 65535 - row[i]) >> 5
        target, f = bit << 16, self.final
        error = (target - self.mixed) * 6 >> 10
        for k in (0, 1):
            d = self.logits[k] * error + 8192 >> 14
            self.finals[f + k] = signed(self.finals[f + k] + d)
            step = (target - SQUASH[self.logits[k] + 2048]) * 3 >> 5
            w = self.weights[self.sets[k]]
            for j, x in enumerate(self.inputs):
                w[j] = max(-32000, min(32000, w[j])) + ((x * step >> 16) + 1 >> 1)
        goal = 16383 if bit else -16384
        for i, s in enumerate(self.states):
            self.maps[i][s] = self.p[i] + (goal - (self.p[i] >> 1) >> 7)
            self.slots[self.found[i] + self.node] = NEXT[s * 2 + bit]
        if self.row >= 0:
            t = self.trust[self.row]
            self.trust[self.row] = t + ((65535 if self.wish == bit else 0) - t >> 7)
        self.partial = self.partial << 1 | bit
        self.node = self.node << 1 | bit
        self.count += 1
        if self.count == 4:
            self.second_half()
        elif self.count == 8:
            self.end_byte(self.partial & 255)
        self.predict()

    # Texts and units

    def prime(self, text):
        for byte in text:
            for shift in range(7, -1, -1):
                self.update(byte >> shift & 1)

    def decompress(self, unit, size):
        if not 0 <= size <= LIMIT:
            raise Refused("overLimit")
        low, high, position = 0, M32, 4
        number = int.from_bytes((unit[:4] + bytes(4))[:4], "big")
        plain = bytearray()
        for _ in range(size):
            byte = 1
            while byte < 256:
                cut = low + ((high - low) * self.probability >> 16)
                bit = int(number <= cut)
                if bit:
                    high = cut
                else:
                    low = cut + 1
                while low >> 24 == high >> 24:
                    low, high = low << 8 & M32, high << 8 & M32 | 255
                    number = number << 8 & M32 | (unit[position] if position < len(unit) else 0)
                    position += 1
                self.update(bit)
                byte = byte << 1 | bit
            plain.append(byte & 255)
        if len(unit) > position:
            raise Refused("trailingBytes")
        shortest = low
        for shift in (24, 16, 8):
            rounded = -(-low >> shift) << shift
            if rounded <= high:
                shortest = rounded
                break
        if number != shortest or unit[-1:] == b"\0":
            raise Refused("notCanonical")
        return bytes(plain)


if __name__ == "__main__":
    import json
    import sys

    for case in json.load(open(sys.argv[1])):
        model = Model()
        model.prime(bytes.fromhex(case["context"]))
        for plain, unit in zip(case["plain"], case["compressed"]):
            got = model.decompress(bytes.fromhex(unit), len(plain) // 2)
            assert got.hex() == plain, case["name"]
        print("ok", case["name"])
