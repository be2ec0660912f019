"""Files that are hostile or broken end in an error, in bounded time and memory: the program runs with 256 MiB of address space."""
import os
import pathlib
import resource
import subprocess
import tempfile
import unittest

BINARY = os.environ["DOCKER_ECS_BINARY"]
MEMORY = 256 << 20
SECONDS = 20
SERVICE = "services:\n  a:\n    image: x\n"


def limits():
    # Sanitizers reserve terabytes of addresses.
    if os.environ.get("DOCKER_ECS_SANITIZED"):  # whose shadow is larger than any bound, and whose frames are many times as large
        resource.setrlimit(resource.RLIMIT_STACK, (MEMORY, MEMORY))
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


class Robustness(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="robust-")
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def write(self, name, content):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, *words, **options):
        environment = {"HOME": self.folder.name, "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}
        return subprocess.run([BINARY, "compose", *words, "convert"], cwd=self.path, env=environment, capture_output=True, text=True,
                              errors="replace", timeout=60, preexec_fn=limits, stdin=subprocess.DEVNULL, **options)

    def refused(self, text, *words, content=None, code=None):
        if content is not None:
            self.write("compose.yaml", content)
        done = self.load(*words)
        self.assertGreater(done.returncode, 0, done.stderr[-600:])
        self.assertTrue(text in done.stderr, f"no {text!r} in {done.stderr[:600]}")
        self.assertLess(len(done.stderr), 200000, "an error is short beside its file")
        if code is not None:
            self.assertEqual(done.returncode, code)
        return done

    def accepted(self, content):
        self.write("compose.yaml", content)
        done = self.load()
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_aliases_that_multiply(self):
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        for i in range(1, 30):
            lines.append(f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]")
        self.refused("excessive aliasing", content="\n".join(lines) + "\n")

    def test_merge_keys_that_multiply(self):
        lines = ["x-a0: &a0 {a: x, b: x, c: x}"]
        for i in range(1, 30):
            lines.append(f"x-a{i}: &a{i} {{k: [" + ", ".join([f"{{<<: *a{i - 1}}}"] * 10) + "]}")
        self.refused("excessive aliasing", content="\n".join(lines) + "\n")

    def test_deep_nesting(self):
        for opening in ("[", "{a: ", "- ", "[{a: "):
            with self.subTest(opening):
                self.refused("", content="x-a:\n  " + opening * 10000 + "\n")
        self.refused("max depth", content="".join(" " * i + "a:\n" for i in range(5000)))

    def test_deep_variables(self):
        self.refused("", content=SERVICE + "    hostname: '" + "${A:-" * 10000 + "}" * 10000 + "'\n")

    def test_large_files(self):
        megabytes = 100 << 20
        cases = {
            "one line": b"x-a: " + b"a" * megabytes,
            "brackets": b"[" * megabytes,
            "services": b"services:\n" + b"".join(b"  s%d: {image: x}\n" % i for i in range(1000)) * (megabytes // 20000),
            "line ends": b"\n" * megabytes,
        }
        for name, content in cases.items():
            with self.subTest(name):
                self.refused("", content=content)

    def test_many_values(self):
        self.refused("more than 1000000 values", content=b"x-a: [" + b"1," * (15 << 20) + b"1]\n")
        self.refused("more than 1000000 values", content=b"---\nx-a: [1, 2, 3]\n" * 900 + b"x-b: [1" + b",1" * 1000000 + b"]\n")
        self.refused("more than 1000 documents", content=b"---\nx-a: [1, 2, 3]\n" * 1000000)
        self.refused("more than 1000000 values", content=b"".join(b"x-%d: 1\n" % i for i in range(1500000)))

    def test_endless_files(self):
        self.refused("too large", "-f", "/dev/zero")
        self.refused("too large", content=SERVICE + "    env_file: /dev/zero\n")

    def test_bytes_that_are_no_text(self):
        for content in (b"services:\n  a: {image: x\0}\n", b"\0" * 4096, b"services: \xff\xfe\n", b"a: \xed\xa0\x80\n", b"a: \x01\n"):
            with self.subTest(content[:20]):
                self.refused("compose.yaml", content=content)
        self.write("e", b"A=\xff\xfe\0\nB=1\n")
        self.write("compose.yaml", SERVICE + "    env_file: e\n")
        self.assertGreaterEqual(self.load().returncode, 0)

    def test_byte_order_marks_and_line_ends(self):
        wanted = self.accepted(SERVICE).stdout
        self.assertEqual(self.accepted(b"\xef\xbb\xbf" + SERVICE.encode()).stdout, wanted)
        self.assertEqual(self.accepted(SERVICE.replace("\n", "\r\n")).stdout, wanted)
        self.assertEqual(self.accepted(SERVICE.replace("\n", "\r")).stdout, wanted)
        self.assertEqual(self.accepted(SERVICE.encode("utf-16")).stdout, wanted)

    def test_circles(self):
        self.write("b.yaml", "include: [compose.yaml]\n")
        self.refused("include cycle detected", content="include: [b.yaml]\nservices: {a: {image: x}}\n")
        self.write("c.yaml", "services: {c: {extends: {file: compose.yaml, service: a}}}\n")
        self.refused("Circular reference", content="services: {a: {extends: {file: c.yaml, service: c}}}\n")
        self.refused("dependency cycle detected", content="services:\n" + "".join(
            f"  s{i}: {{image: x, depends_on: [s{(i + 1) % 3000}]}}\n" for i in range(3000)))

    def test_links(self):
        (self.path / "compose.yaml").symlink_to("other.yaml")
        (self.path / "other.yaml").symlink_to("compose.yaml")
        self.refused("too many levels of symbolic links", "-f", "compose.yaml")
        self.refused("", code=14)
        (self.path / "compose.yaml").unlink()
        (self.path / "other.yaml").unlink()
        (self.path / "loop").symlink_to(".")
        deep = "/".join(["loop"] * 30)
        self.write("compose.yaml", f"include: [{deep}/b.yaml]\nservices: {{a: {{image: x}}}}\n")
        self.write("b.yaml", f"include: [{deep}/compose.yaml]\n")
        self.refused("")

    def test_files_that_cannot_be_read(self):
        path = self.write("compose.yaml", SERVICE)
        path.chmod(0)
        options = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
        self.path.chmod(0o755)
        done = self.load(**options)
        self.assertGreater(done.returncode, 0)
        self.assertIn("permission denied", done.stderr)

    def test_files_that_vanished(self):
        (self.path / "compose.yaml").symlink_to("gone.yaml")
        self.refused("no such file or directory", "-f", "compose.yaml")
        (self.path / "compose.yaml").unlink()
        self.refused("no such file or directory", content="include: [gone.yaml]\n")
        self.refused("not found", content=SERVICE + "    env_file: gone.env\n")
        self.refused("no such file or directory", content="services: {a: {extends: {file: gone.yaml, service: b}}}\n")
        self.refused("is a directory", "-f", ".")


if __name__ == "__main__":
    unittest.main()
