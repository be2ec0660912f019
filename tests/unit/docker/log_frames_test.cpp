#include "docker/log_frames.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

std::string frame(char stream, const std::string& text) {
  std::string out{stream, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())};
  return out + text;
}

}  // namespace

TEST_CASE("log frames become lines of their stream, wherever the bytes are cut") {
  const std::string bytes = frame(1, "2026-01-02T03:04:05.000000001Z one\n") +
                            frame(2, "2026-01-02T03:04:05.000000002Z oops\n") +
                            frame(1, "2026-01-02T03:04:06Z par") + frame(1, "tial");
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    docker::LogDecoder decoder(false, true);
    std::vector<docker::LogChunk> lines;
    const auto collect = [&](docker::LogChunk chunk) { lines.push_back(std::move(chunk)); };
    decoder.feed(std::string_view(bytes).substr(0, cut), collect);
    decoder.feed(std::string_view(bytes).substr(cut), collect);
    REQUIRE(lines.size() == 2);
    decoder.finish(collect);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].text == "one\n");
    CHECK(lines[0].timestamp == "2026-01-02T03:04:05.000000001Z");
    CHECK(lines[1].stream == docker::OutputStream::err);
    CHECK(lines[2].text == "partial");
  }
}

TEST_CASE("a terminal's log is raw") {
  docker::LogDecoder decoder(true, false);
  std::vector<std::string> lines;
  const auto collect = [&](docker::LogChunk chunk) { lines.push_back(std::move(chunk.text)); };
  decoder.feed("a\nb", collect);
  decoder.finish(collect);
  CHECK(lines == std::vector<std::string>{"a\n", "b"});
}
