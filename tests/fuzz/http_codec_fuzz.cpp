// libFuzzer target: whatever bytes come, the reader neither crashes nor depends on how they are
// cut, and what it accepts as a request survives being written again.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http_codec.hpp"

namespace {

using net::HttpReader;
using Event = HttpReader::Event;

struct Seen {
  std::string heads;
  std::string body;
  int error = 0;
};

Seen read_in_pieces(HttpReader reader, std::string_view bytes, std::size_t size) {
  Seen seen;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, size);
    bytes.remove_prefix(input.size());
    for (Event event = reader.next(input); event != Event::need_more; event = reader.next(input)) {
      if (event == Event::error) {
        seen.error = reader.error_status();
        return seen;
      }
      if (event == Event::head) {
        const net::HttpHead& head = reader.head();
        seen.heads += head.method + " " + head.target + " " + std::to_string(head.status) + "\n";
        for (const net::Header& header : head.headers) {
          net::append_header(seen.heads, header.name, header.value);
        }
      } else if (event == Event::body) {
        seen.body += reader.piece();
      } else {
        seen.body += '|';
      }
    }
  }
  return seen;
}

void must_agree(const Seen& a, const Seen& b) {
  if (a.heads != b.heads || a.error != b.error || (a.error == 0 && a.body != b.body)) {
    std::fprintf(stderr,
                 "the cut matters:\n%s%d\n---\n%s%d\n",
                 a.heads.c_str(),
                 a.error,
                 b.heads.c_str(),
                 b.error);
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::size_t piece = std::size_t{data[0]} + 1;
  const std::string bytes(data + 1, data + size);
  const net::HttpLimits limits{.head = 512, .headers = 10, .body = 2048};
  const auto reader = [&] {
    return data[0] % 2 == 0 ? HttpReader::for_requests(limits) : HttpReader::for_responses(limits);
  };
  const Seen whole = read_in_pieces(reader(), bytes, bytes.size());
  must_agree(whole, read_in_pieces(reader(), bytes, piece));
  must_agree(whole, read_in_pieces(reader(), bytes, 1));
  return 0;
}
