"""run_fuzz.py TARGET [SECONDS]: builds tests/fuzz/<TARGET>_fuzz.cpp with clang's libFuzzer and runs it from its seeds.

Each target names the sources it needs in SOURCES; a finding is left in build/fuzz and ends with status 1."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = {
    "http_codec": ["src/net/http_codec.cpp", "src/net/http_message.cpp", "src/util/strings.cpp"],
    "aws_text": ["src/aws/ini.cpp", "src/awsapi/pattern.cpp", "src/awsapi/pattern_compiler.cpp", "src/awsapi/time_text.cpp",
                 "src/awsapi/xml_text.cpp", "src/util/strings.cpp", "src/util/uri.cpp", "src/util/utf8.cpp"],
}
SOURCES["compose"] = sorted(str(path.relative_to(ROOT)) for folder in ("compose", "doc", "diag") for path in (ROOT / "src" / folder).glob("*.cpp"))
SOURCES["compose"] += [f"src/util/{name}.cpp" for name in ("strings", "hash", "utf8", "file_system", "file_path")]
LIBRARIES = {"compose": ["-lyaml", "-lcrypto", "-lpugixml"]}
SEEDS = {
    "compose": [b"services:\n  a: {image: \"${A:-x}\", ports: [\"80:80\", {target: 5}], volumes: [./a:/b:ro, v:/c]}\nvolumes: {v: }\n",
                b"include: [sub/compose.yaml]\nservices: {a: {extends: {service: b, file: sub/compose.yaml}}}\n\x00services: {b: {image: x}}\n",
                b"x-c: &c {image: q}\nservices:\n  a: {<<: *c, env_file: .env, command: a 'b' && c, labels: [a=b]}\n\x00A=1\nB=\"$A\\n\"\n"],
    "aws_text": [b"\x00[profile x]\nregion = eu-west-1\ns3 =\n  a = b\n",
                 b"\x01^([a-z]+-){1,3}(?:\\d|[\\w.-])*|\\p{L}?$\nus-east-1",
                 b"\x022026-11-23T01:02:03.004+02:00", b"\x03<a>&\r\x00\xff", b"\x04a b%2F+\xc3\xa9"],
    "http_codec": [b"\x02GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                   b"\x04POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n",
                   b"\x06POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: 1\r\n\r\n",
                   b"\x03HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 304 Not Modified\r\n\r\n",
                   b"\x05HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil the end"],
}


def main():
    target, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "20"
    build = ROOT / "build/fuzz" / target
    seeds = build / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(SEEDS[target]):
        (seeds / f"seed{i}").write_bytes(seed)
    binary = build / "fuzzer"
    sources = [f"tests/fuzz/{target}_fuzz.cpp", *SOURCES[target]]
    subprocess.run(["clang++-19", "-std=c++20", "-O1", "-g1", "-Isrc", "-Itests", "-fsanitize=fuzzer,address,undefined",
                    "-fno-sanitize-recover=undefined", "-o", str(binary), *sources,
                    *LIBRARIES.get(target, [])], cwd=ROOT, check=True)
    run = [str(binary), f"-max_total_time={seconds}", "-max_len=1500", "-print_final_stats=1",
           f"-artifact_prefix={build}/", str(seeds)]
    sys.exit(subprocess.run(run, cwd=ROOT).returncode)


main()
