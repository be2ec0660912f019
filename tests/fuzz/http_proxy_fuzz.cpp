// libFuzzer target: whatever a client sends, what an application load balancer sends on is one
// request that a strict reader understands, with the same method, the same body and no header that
// could tell two readers different lengths; and rules, cookies and redirects take any bytes.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "local/balancer/cookies.hpp"
#include "local/balancer/http_answers.hpp"
#include "local/balancer/http_rules.hpp"
#include "net/http_codec.hpp"

namespace {

using namespace local::balancer;
using net::HttpReader;
using Event = HttpReader::Event;

const net::HttpLimits kFuzzLimits{.head = 2048, .headers = 30, .body = 4096};

[[noreturn]] void broken(const char* what, std::string_view text) {
  std::fprintf(stderr, "%s\n---\n%.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

void try_rules(const RequestFacts& facts, std::string_view pattern) {
  using Field = Condition::Field;
  for (const Field field :
       {Field::host, Field::path, Field::header, Field::method, Field::query, Field::source_ip}) {
    const std::string text(pattern);
    static_cast<void>(holds({field, "x-a", {text}, {{text, text}}}, facts));
  }
  RedirectSpec redirect;
  redirect.path = "/" + std::string(pattern.substr(0, 20)) + "#{path}";
  const std::string answer =
      write_answer(redirect_answer(redirect, facts, ClientSide{}), true, false, true, {});
  HttpReader reader = HttpReader::for_responses({.head = 1U << 20U});
  std::string_view input = answer;
  if (reader.next(input) != Event::head || reader.head().status != 301) {
    broken("a redirect is no answer", answer);
  }
}

// The request as the target's reader sees it; its end must be where ours was.
void check_forwarded(const net::HttpHead& head,
                     const std::string& body,
                     const HttpSettings& settings) {
  const ClientSide client{.address = "127.0.0.1", .port = 1, .listener_port = 80};
  const std::vector<Rewrite> none;
  std::string sent =
      forwarded_request(head, {client, settings, "1-a-b", none, asks_for_upgrade(head)});
  if (head.framing == net::Framing::chunked) {
    net::append_chunk(sent, body);
    sent += net::kLastChunk;
  } else {
    sent += body;
  }
  HttpReader reader = HttpReader::for_requests({.head = 1U << 20U, .headers = 100});
  std::string_view input = sent;
  std::string got;
  Event event = reader.next(input);
  if (event != Event::head || reader.head().method != head.method ||
      (reader.head().framing == net::Framing::chunked) != (head.framing == net::Framing::chunked)) {
    broken("the target would not understand", sent);
  }
  for (event = reader.next(input); event == Event::body; event = reader.next(input)) {
    got += reader.piece();
  }
  if (event != Event::end || !input.empty() || got != body) {
    broken("the target would see another body", sent);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) {
    return 0;
  }
  HttpSettings settings;
  settings.drop_invalid_headers = (data[0] & 1U) != 0;
  settings.client_port = (data[0] & 2U) != 0;
  settings.preserve_host = (data[0] & 4U) != 0;
  const std::string bytes(data + 1, data + size);
  HttpReader reader = HttpReader::for_requests(kFuzzLimits);
  std::string_view input = bytes;
  std::string body;
  for (Event event = reader.next(input); event != Event::need_more && event != Event::error;
       event = reader.next(input)) {
    if (event == Event::head) {
      body.clear();
    } else if (event == Event::body) {
      body += reader.piece();
    } else if (const auto facts = facts_of(reader.head(), "10.0.0.1")) {
      try_rules(*facts, std::string_view(bytes).substr(0, 40));
      check_forwarded(reader.head(), body, settings);
      if (const auto cookie = cookie_value(reader.head().headers, kTargetCookie)) {
        static_cast<void>(valid_fingerprint(*cookie, {}));
      }
    }
  }
  return 0;
}
