"""run_fuzz.py TARGET [SECONDS]: builds tests/fuzz/<TARGET>_fuzz.cpp with clang's libFuzzer and runs it from its seeds.

Each target names the sources it needs in SOURCES; its seeds are here and in the projects of tests/golden/compose, its words in
dictionaries/<TARGET>.dict. What was found useful stays in build/fuzz/<TARGET>/corpus for the next run. A finding is left in
build/fuzz/<TARGET> and ends with status 1. The last line tells the processor time that was used."""
import json
import pathlib
import resource
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = {
    "http_codec": ["src/net/http_codec.cpp", "src/net/http_message.cpp", "src/util/strings.cpp"],
    "http_proxy": [*(f"src/local/balancer/{name}.cpp" for name in ("cookies", "http_answers", "http_rules", "regex")),
                   "src/net/http_codec.cpp", "src/net/http_message.cpp", "src/net/socket.cpp", "src/util/strings.cpp", "src/util/hash.cpp"],
    "aws_text": ["src/aws/ini.cpp", "src/awsapi/pattern.cpp", "src/awsapi/pattern_compiler.cpp", "src/awsapi/time_text.cpp",
                 "src/awsapi/xml_text.cpp", "src/util/strings.cpp", "src/util/uri.cpp", "src/util/utf8.cpp"],
}
READING = ["src/doc/node.cpp", "src/doc/yaml_*.cpp", "src/doc/json_writer.cpp"]
SOURCES["yaml"] = READING + [f"src/util/{name}.cpp" for name in ("strings", "hash", "utf8")]
SOURCES["interpolation"] = ["src/compose/substitute.cpp", "src/util/strings.cpp"]
SOURCES["dotenv"] = ["src/compose/dotenv.cpp", "src/compose/substitute.cpp", "src/compose/go_text.cpp", *READING, "src/util/strings.cpp",
                     "src/util/utf8.cpp", "src/util/hash.cpp"]
SOURCES["compose"] = sorted(str(path.relative_to(ROOT)) for folder in ("compose", "doc", "diag") for path in (ROOT / "src" / folder).glob("*.cpp"))
SOURCES["compose"] += [f"src/util/{name}.cpp" for name in ("strings", "hash", "utf8", "file_system", "file_path")]
LIBRARIES = {"http_proxy": ["-lcrypto"], "compose": ["-lyaml", "-lcrypto", "-lpugixml"], "yaml": ["-lyaml", "-lcrypto"], "dotenv": ["-lyaml", "-lcrypto"]}
SEEDS = {
    "compose": [b"services:\n  a: {image: \"${A:-x}\", ports: [\"80:80\", {target: 5}], volumes: [./a:/b:ro, v:/c]}\nvolumes: {v: }\n",
                b"include: [sub/compose.yaml]\nservices: {a: {extends: {service: b, file: sub/compose.yaml}}}\n\x00services: {b: {image: x}}\n",
                b"x-c: &c {image: q}\nservices:\n  a: {<<: *c, env_file: .env, command: a 'b' && c, labels: [a=b]}\n\x00A=1\nB=\"$A\\n\"\n"],
    "aws_text": [b"\x00[profile x]\nregion = eu-west-1\ns3 =\n  a = b\n",
                 b"\x01^([a-z]+-){1,3}(?:\\d|[\\w.-])*|\\p{L}?$\nus-east-1",
                 b"\x022026-11-23T01:02:03.004+02:00", b"\x03<a>&\r\x00\xff", b"\x04a b%2F+\xc3\xa9"],
    "http_proxy": [b"\x01GET /a?b=c HTTP/1.1\r\nHost: x.localhost:80\r\nCookie: a=b; AWSALB=x\r\nConnection: upgrade, x-a\r\nUpgrade: websocket\r\nX-A: 1\r\n\r\n",
                   b"\x02POST http://h/p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                   b"\x04PUT /* HTTP/1.0\r\nContent-Length: 3\r\nConnection: content-length, host\r\nX-Amzn-Trace-Id: Self=1;Root=2\r\n\r\nabc"],
    "http_codec": [b"\x02GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                   b"\x04POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n",
                   b"\x06POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: 1\r\n\r\n",
                   b"\x03HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 304 Not Modified\r\n\r\n",
                   b"\x05HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil the end"],
}




def recorded_projects():
    """The files of each small project in tests/golden/compose/cases.jsonl."""
    for line in (ROOT / "tests/golden/compose/cases.jsonl").read_text().splitlines():
        yield json.loads(line)["files"]


def golden_seeds(target):
    if target == "compose":
        for files in recorded_projects():
            texts = list(files.values())
            yield texts[0] + ("\0" + texts[1] if len(texts) > 1 else "")
    elif target in ("yaml", "interpolation", "dotenv"):
        for files in recorded_projects():
            for name, text in files.items():
                if name.endswith((".yaml", ".yml")) == (target != "dotenv"):
                    yield text


def build(target, directory):
    """One translation unit a folder: names are unique there, and headers are read once."""
    binary = directory / "fuzzer"
    folders = {}
    for path in sorted(path for pattern in SOURCES[target] for path in ROOT.glob(pattern)):
        folders.setdefault(path.parent.name, []).append(path)
    units = [ROOT / f"tests/fuzz/{target}_fuzz.cpp"]
    for folder, paths in folders.items():
        units.append(directory / f"{folder}.cpp")
        units[-1].write_text("".join(f'#include "{path}"\n' for path in paths))
    subprocess.run(["clang++-19", "-std=c++20", "-O1", "-g1", "-Isrc", "-Itests", "-fsanitize=fuzzer,address,undefined",
                    "-fno-sanitize-recover=undefined", "-Wno-deprecated-declarations", "-o", str(binary), *map(str, units),
                    *LIBRARIES.get(target, [])], cwd=ROOT, check=True)
    return binary


def main():
    target, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "20"
    directory = ROOT / "build/fuzz" / target
    corpus, seeds = directory / "corpus", directory / "seeds"
    for folder in (corpus, seeds):
        folder.mkdir(parents=True, exist_ok=True)
    texts = SEEDS.get(target, []) + [text.encode() for text in golden_seeds(target)]
    for i, seed in enumerate(texts):
        (seeds / f"seed{i}").write_bytes(seed)
    binary = build(target, directory)
    run = [str(binary), f"-max_total_time={seconds}", "-max_len=4096", "-timeout=20", "-rss_limit_mb=1024", "-print_final_stats=1",
           f"-artifact_prefix={directory}/", str(corpus), str(seeds)]
    dictionary = ROOT / f"tests/fuzz/dictionaries/{target}.dict"
    if dictionary.exists():
        run.insert(1, f"-dict={dictionary}")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = subprocess.run(run, cwd=ROOT).returncode
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    print(f"{target}: {used / 60:.1f} minutes of processor time", flush=True)
    sys.exit(status)


main()
