#!/usr/bin/env python3
"""Checks Tutelage's proofs offline: a second verifier, written from docs/formats/{ledger,entries}.md alone.

  verify.py --policy FILE checkpoint NOTE                     a signed checkpoint, and whether auditors cosigned it
  verify.py --policy FILE proof FILE.tlog-proof --entry HEX   one entry of any log (its bytes in hex)
  verify.py --policy FILE proof FILE.tlog-proof --body FILE --salt BASE64   one entry of a Tutelage ledger
  verify.py --policy FILE history FILE.tutelage-history       everything about one person, and that nothing is missing

Needs Python 3.9 and the openssl program (1.1.1 or later) for Ed25519. Prints JSON.
Exit 0: proven and audited. 3: proven, not audited: complete only if the operator was honest. 1: refused. 2: wrong words.
"""
import base64, binascii, gzip, hashlib, io, json, os, re, subprocess, sys, tempfile, zlib

MAX_NOTE, MAX_HISTORY = 64 * 1024, 32 << 20


class Refused(Exception):
    """The proof does not show what it should; the text says why."""


def need(true, why):
    if not true:
        raise Refused(why)


def b64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"'{text[:60]}' is not base64")
    need(base64.b64encode(raw).decode() == text, "base64 that is not canonical")
    return raw


def number(text):
    need(re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII) and int(text) < 1 << 63, f"'{text[:30]}' is no number")
    return int(text)


# ---- Ed25519, by openssl ----------------------------------------------------------------------------------------

def ed25519(key, message, signature):
    """True if the signature holds. The key is 32 bytes; its SPKI is a fixed prefix and the key (RFC 8410)."""
    if len(signature) != 64:
        return False
    spki = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + key).decode()
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key", "message", "signature")]
        contents = [f"-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n".encode(), message, signature]
        for path, content in zip(paths, contents):
            with open(path, "wb") as file:
                file.write(content)
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", paths[0], "-rawin", "-in", paths[1], "-sigfile", paths[2]],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


# ---- Policy (c2sp.org/tlog-policy) ------------------------------------------------------------------------------

class Key:
    def __init__(self, text, kind):
        parts = text.split("+", 2)
        need(len(parts) == 3, f"'{text}' is no verifier key")
        raw = b64(parts[2])
        need(len(raw) == 33 and raw[0] == kind, f"'{text}' is no verifier key of kind {kind}")
        self.name, self.kind, self.public = parts[0], kind, raw[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        need(self.id.hex() == parts[1], f"'{text}': its id is not that of its key")

    def verify(self, text, blob):
        if self.kind == 1:
            return ed25519(self.public, text, blob)
        if len(blob) != 72:
            return False
        return ed25519(self.public, b"cosignature/v1\ntime %d\n" % int.from_bytes(blob[:8], "big") + text, blob[8:])


class Policy:
    def __init__(self, text):
        self.logs, self.names, self.rule, members = [], {}, None, set()

        def named(name):
            need(name in self.names, f"policy: '{name}' is not defined above its use")
            return self.names[name]

        def define(name, rule):
            need(name != "none" and name not in self.names, f"policy: '{name}' is defined twice")
            self.names[name] = rule

        self.witnesses = []
        for line in text.split("\n"):
            words = line.replace("\t", " ").split(" ")
            words = [word for word in words if word]
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "log" and len(words) in (2, 3):
                self.logs.append(Key(words[1], 1))
            elif words[0] == "witness" and len(words) in (3, 4):
                key = Key(words[2], 4)
                self.witnesses.append(key)
                define(words[1], lambda seen, key=key: key in seen)
            elif words[0] == "group" and len(words) >= 4:
                inside = [named(name) for name in words[3:]]
                need(not members.intersection(words[3:]) and len(set(words[3:])) == len(words[3:]), "policy: a name is in two groups")
                members.update(words[3:])
                least = {"any": 1, "all": len(inside)}.get(words[2]) or number(words[2])
                need(1 <= least <= len(inside), f"policy: '{line}' wants more members than it has")
                define(words[1], lambda seen, inside=inside, least=least: sum(rule(seen) for rule in inside) >= least)
            elif words[0] == "quorum" and len(words) == 2 and self.rule is None:
                self.rule = (lambda seen: False) if words[1] == "none" else named(words[1])
            else:
                raise Refused(f"policy: '{line}' is not understood")
        need(self.logs and self.rule, "policy: it needs a log and a quorum")

    def open(self, note):
        """(origin, size, root, audited) of a signed checkpoint."""
        need(len(note) <= MAX_NOTE and note.endswith(b"\n"), "the checkpoint is no signed note")
        text, split, lines = note.rpartition(b"\n\n")
        need(split, "the checkpoint is no signed note")
        text += b"\n"
        try:
            body = text.decode().split("\n")
            signatures = lines.decode().split("\n")[:-1]
        except UnicodeDecodeError:
            raise Refused("the checkpoint is not UTF-8")
        need(all(c >= " " or c == "\n" for c in note.decode()), "the checkpoint has control characters")
        need(len(body) >= 4 and all(body[:-1]), "the checkpoint has too few lines")
        origin, size, root = body[0], number(body[1]), b64(body[2])
        need(len(root) == 32, "the checkpoint's root has not 32 bytes")
        need(signatures and len(signatures) <= 100, "the checkpoint has no signature")
        seen = []
        for line in signatures:
            parts = line.split(" ")
            need(len(parts) == 3 and parts[0] == "\u2014", "the checkpoint has a line that is no signature")
            blob = b64(parts[2])
            for key in self.logs + self.witnesses:
                if key.name == parts[1] and key.id == blob[:4] and key not in seen:
                    need(key.verify(text, blob[4:]), f"the signature of '{key.name}' is bad")
                    seen.append(key)
        need(any(key.kind == 1 and key.name == origin for key in seen), "no log of the policy has signed the checkpoint")
        return origin, size, root, bool(self.rule(seen))


# ---- Merkle trees (RFC 6962, RFC 9162) --------------------------------------------------------------------------

def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(index, size, leaf, hashes, root):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, value = index, size - 1, leaf
    for sibling in hashes:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = node_hash(sibling, value)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node_hash(value, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == root


def check_proof(text, entry, policy):
    """A c2sp.org/tlog-proof@v1 of these entry bytes: (index, origin, size, audited)."""
    need(len(text) <= 2 * MAX_NOTE, "the proof is too long")
    head, split, note = text.partition("\n\n")
    lines = head.split("\n")
    need(split and lines.pop(0) == "c2sp.org/tlog-proof@v1", "this is no c2sp.org/tlog-proof@v1")
    if lines and lines[0].startswith("extra "):
        b64(lines.pop(0)[6:])
    need(lines and lines[0].startswith("index "), "the proof has no index")
    index, hashes = number(lines[0][6:]), [b64(line) for line in lines[1:]]
    need(len(hashes) <= 64 and all(len(value) == 32 for value in hashes), "the proof has a line that is no hash")
    origin, size, root, audited = policy.open(note.encode())
    need(included(index, size, leaf_hash(entry), hashes, root), "the hashes do not lead from this entry to the checkpoint")
    return index, origin, size, audited


# ---- Tutelage's ledger (docs/formats/entries.md) ----------------------------------------------------------------

def commitment(body, salt):
    need(len(salt) == 32, "a salt has 32 bytes")
    return hashlib.sha256(b"tutelage/entry/v1\n" + salt + body.encode()).digest()


def once(pairs):
    found = dict(pairs)
    need(len(found) == len(pairs), "a name occurs twice")
    return found


def read_json(text):
    return json.loads(text, object_pairs_hook=once)


def check_history(raw, policy):
    with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
        text = packed.read(MAX_HISTORY + 1)
    need(len(text) <= MAX_HISTORY, "the history is too long")
    file = read_json(text)
    need(file["tutelage-history"] == 1, "a history of another version")
    tag, chain, previous, before, kinds = file["tag"], [], "0" * 64, -1, []
    for count, entry in enumerate(file["entries"], 1):
        body = read_json(entry["body"])
        links = [link for link in body["about"] if link["tag"] == tag]
        need(body["tutelage-entry"] == 1 and len(links) == 1, f"entry {count} is not about this person")
        need(links[0]["sequence"] == count, f"entry {count} says it is the person's entry {links[0]['sequence']}")
        need(links[0]["previous"] == previous, f"entry {count} names another entry before it than the one shown")
        need(entry["index"] > before, f"entry {count} has an index that does not grow")
        previous, before = commitment(entry["body"], b64(entry["salt"])).hex(), entry["index"]
        chain.append((before, previous))
        kinds.append(body["kind"])
    need(chain, "the history has no entry")
    index, origin, size, audited = check_proof(file["newest"], bytes.fromhex(previous), policy)
    need(index == before, "the proof is of another entry than the newest one shown")
    verdict = {"tag": tag, "entries": len(chain), "releases": kinds.count("release"), "newest": index, "newest_audited": audited, "complete_below": 0, "audited": False}
    heads = file.get("heads")
    if heads is None:
        return verdict
    body = read_json(heads["body"])
    need(body["tutelage-entry"] == 1 and body["kind"] == "heads", "the hourly root is no entry of kind 'heads'")
    below, other, size, audited = check_proof(heads["proof"], commitment(heads["body"], b64(heads["salt"])), policy)
    need(other == origin, "the hourly root is of another log")
    shown = [value for position, value in chain if position < below]
    need(shown, "the hourly root is older than the person's first entry")
    leaf = leaf_hash(f"tutelage/head/v1\n{tag}\n{len(shown)}\n{shown[-1]}\n".encode())
    hashes = [b64(value) for value in heads["hashes"]]
    need(included(heads["position"], body["persons"], leaf, hashes, b64(body["root"])), "the hourly root knows of other entries about this person than those shown")
    verdict.update(complete_below=below, all_entries_below=len(shown), audited=audited and verdict["newest_audited"])
    return verdict


def main(words):
    def option(name):
        if name not in words:
            return None
        at = words.index(name)
        value = words[at + 1] if at + 1 < len(words) else ""
        del words[at:at + 2]
        return value

    def read(path):
        with open(path, "rb") as file:
            return file.read(MAX_HISTORY + 1)

    path, entry, body, salt = option("--policy"), option("--entry"), option("--body"), option("--salt")
    if not path or len(words) != 2 or words[0] not in ("checkpoint", "proof", "history") or (words[0] == "proof" and not entry and not (body and salt)):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        policy = Policy(read(path).decode())
        if words[0] == "checkpoint":
            verdict = dict(zip(("origin", "size", "root", "audited"), policy.open(read(words[1]))))
            verdict["root"] = base64.b64encode(verdict["root"]).decode()
        elif words[0] == "proof":
            bytes_of_entry = bytes.fromhex(entry) if entry else commitment(read(body).decode(), b64(salt))
            verdict = dict(zip(("index", "origin", "size", "audited"), check_proof(read(words[1]).decode(), bytes_of_entry, policy)))
        else:
            verdict = check_history(read(words[1]), policy)
    except Refused as refused:
        print(json.dumps({"proven": False, "why": str(refused)}))
        return 1
    except (OSError, EOFError, KeyError, TypeError, AttributeError, ValueError, RecursionError, zlib.error) as broken:
        print(json.dumps({"proven": False, "why": f"unreadable: {type(broken).__name__}"}))
        return 1
    print(json.dumps({"proven": True, **verdict}))
    return 0 if verdict["audited"] else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
