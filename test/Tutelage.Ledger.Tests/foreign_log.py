"""foreign_log.py FOLDER SIZE: writes a tlog-tiles log of arbitrary bytes, with one witness, and prints its policy. Standard library and openssl only."""
import base64, hashlib, os, random, struct, subprocess, sys, tempfile

folder, size = sys.argv[1], int(sys.argv[2])
random.seed(7)
H = lambda *parts: hashlib.sha256(b"".join(parts)).digest()


def put(path, data):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def tree(hashes):
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return H(b"\x01", tree(hashes[:k]), tree(hashes[k:]))


def number(n):
    text = "%03d" % (n % 1000)
    while n >= 1000:
        n //= 1000
        text = "x%03d/%s" % (n % 1000, text)
    return text


class Signer:
    def __init__(self, name, kind, work):
        self.name, self.key, self.work = name, os.path.join(work, name.replace("/", "_")), work
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key], check=True)
        public = subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout[-32:]
        raw = bytes([kind]) + public
        self.id = H(name.encode(), b"\n", raw)[:4]
        self.vkey = "%s+%s+%s" % (name, self.id.hex(), base64.b64encode(raw).decode())

    def line(self, message, before=b""):
        path = os.path.join(self.work, "message")
        with open(path, "wb") as file:
            file.write(message)
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", self.key, "-rawin", "-in", path], check=True, capture_output=True).stdout
        return "\u2014 %s %s\n" % (self.name, base64.b64encode(self.id + before + signature).decode())


entries = [random.randbytes(random.choice([0, 1, 5, 40, 300])) for _ in range(size)]
level = [H(b"\x00", entry) for entry in entries]
root = tree(level)
for at in range(0, size, 256):
    part = entries[at:at + 256]
    put("tile/entries/" + number(at // 256) + ("" if len(part) == 256 else ".p/%d" % len(part)), b"".join(struct.pack(">H", len(e)) + e for e in part))
depth = 0
while level:
    for at in range(0, len(level), 256):
        part = level[at:at + 256]
        put("tile/%d/%s%s" % (depth, number(at // 256), "" if len(part) == 256 else ".p/%d" % len(part)), b"".join(part))
    level = [tree(level[at:at + 256]) for at in range(0, len(level) // 256 * 256, 256)]
    depth += 1
with tempfile.TemporaryDirectory() as work:
    log, witness = Signer("foreign.example/log", 1, work), Signer("witness.example", 4, work)
    text = "foreign.example/log\n%d\n%s\n" % (size, base64.b64encode(root).decode())
    cosigned = witness.line(b"cosignature/v1\ntime 1700000000\n" + text.encode(), struct.pack(">Q", 1700000000))
    put("checkpoint", (text + "\n" + log.line(text.encode()) + cosigned).encode())
    print("log %s\nwitness w %s\ngroup all-of-them all w\nquorum all-of-them" % (log.vkey, witness.vkey))
