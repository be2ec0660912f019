#include "net/http_codec.hpp"

#include <array>

#include <doctest/doctest.h>

namespace {

using net::HttpReader;
using Event = HttpReader::Event;

// The events of `bytes` fed in pieces of `size`, one line each.
std::string trace(HttpReader reader,
                  std::string_view bytes,
                  std::size_t size,
                  bool closes = false) {
  std::string out;
  std::string body;
  const auto note = [&](Event event) {
    switch (event) {
      case Event::head:
        out += reader.head().method + std::to_string(reader.head().status) + " " +
               reader.head().target;
        for (const net::Header& header : reader.head().headers) {
          out += " " + header.name + "=" + header.value;
        }
        out += reader.head().keep_alive ? " keep\n" : " close\n";
        return true;
      case Event::body: body += reader.piece(); return true;
      case Event::end:
        out += "body '" + body + "'\n";
        body.clear();
        return true;
      case Event::error:
        out += "error " + std::to_string(reader.error_status()) + "\n";
        return false;
      case Event::need_more: return false;
    }
    return false;
  };
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, size);
    bytes.remove_prefix(input.size());
    while (note(reader.next(input))) {
    }
    if (reader.error_status() != 0) {
      return out;
    }
    CHECK(input.empty());
  }
  if (closes) {
    note(reader.finish());
  }
  return out;
}

std::string request_trace(std::string_view bytes) {
  return trace(HttpReader::for_requests({.head = 400, .headers = 8, .body = 100}), bytes, 4096);
}

constexpr std::array<std::string_view, 5> kGoodRequests{
    "GET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept: \t */*  \r\n\r\n",
    "\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /c HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n1;ext=1\r\n!\r\n0\r\nTrailer: 1\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: x\r\nConnection: foo, close\r\nContent-Length: 0\r\n\r\n"};

}  // namespace

TEST_CASE("a request is head, body, end") {
  CHECK(request_trace(kGoodRequests[0]) == "GET0 /a?b=c Host=x Accept=*/* keep\nbody ''\n");
  CHECK(request_trace(kGoodRequests[1]) ==
        "POST0 / Host=x Content-Length=5 keep\nbody 'hello'\nGET0 /2 Host=x keep\nbody ''\n");
  CHECK(request_trace(kGoodRequests[2]) ==
        "POST0 /c host=x transfer-encoding=Chunked keep\nbody 'hello!'\n");
  CHECK(request_trace(kGoodRequests[3]) == "GET0 / close\nbody ''\n");
}

TEST_CASE("it makes no difference how the bytes are cut") {
  for (const std::string_view bytes : kGoodRequests) {
    const std::string whole = request_trace(bytes);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      CHECK(trace(HttpReader::for_requests({.head = 400, .headers = 8, .body = 100}),
                  bytes,
                  size) == whole);
    }
  }
}

TEST_CASE("what two readers could understand differently is refused") {
  struct Case {
    std::string_view bytes;
    int status;
  };

  const std::array<Case, 27> cases{{
      {"GET / HTTP/1.1\r\n\r\n", 400},  // no Host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", 413},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", 413},
  }};
  for (const Case& one : cases) {
    CAPTURE(one.bytes);
    const std::string wanted = "error " + std::to_string(one.status) + "\n";
    CHECK(request_trace(one.bytes).ends_with(wanted));
    CHECK(trace(HttpReader::for_requests({.head = 400, .headers = 8, .body = 100}), one.bytes, 1)
              .ends_with(wanted));
  }
}

TEST_CASE("every size has a limit") {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  CHECK(request_trace(start + "X: " + std::string(400, 'a')) == "error 431\n");
  CHECK(request_trace(start + "X: " + std::string(400, 'a') + "\r\n\r\n") == "error 431\n");
  std::string many = start;
  for (int i = 0; i < 8; ++i) {
    many += "X: 1\r\n";
  }
  CHECK(request_trace(many + "\r\n") == "error 431\n");
  const std::string chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
  CHECK(request_trace(chunked + "1;" + std::string(5000, 'e')).ends_with("error 400\n"));
  CHECK(request_trace(chunked + "0\r\nT: " + std::string(400, 't')).ends_with("error 431\n"));
}

TEST_CASE("responses: interim answers, no body by status or method, bodies until close") {
  const auto responses = [](std::string_view bytes, bool closes = false) {
    return trace(HttpReader::for_responses(), bytes, 7, closes);
  };
  CHECK(responses("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") ==
        "100  keep\nbody ''\n200  Content-Length=2 keep\nbody 'hi'\n");
  CHECK(responses("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n") ==
        "304  Content-Length=10 keep\nbody ''\n");
  CHECK(responses("HTTP/1.0 200 OK\r\n\r\nall of it", true) == "200  close\nbody 'all of it'\n");
  CHECK(responses("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart", true) ==
        "200  Content-Length=9 keep\nerror 400\n");
  HttpReader to_head = HttpReader::for_responses();
  to_head.expect_response_to("HEAD");
  CHECK(trace(to_head, "HTTP/1.1 200\r\nContent-Length: 10\r\n\r\n", 50) ==
        "200  Content-Length=10 keep\nbody ''\n");
}

TEST_CASE("what is written is read back, and a value cannot add a header") {
  net::HttpResponse response{200, {{"X-A", "1\r\nX-B: 2"}}, "body"};
  CHECK(net::write_response(response, false) ==
        "HTTP/1.1 200 OK\r\nX-A: 1  X-B: 2\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody");
  CHECK(trace(HttpReader::for_responses(), net::write_response(response, true), 3) ==
        "200  X-A=1  X-B: 2 Content-Length=4 keep\nbody 'body'\n");
  std::string line;
  net::append_request_line(line, "GET", "/a b\r\nX: y");
  CHECK(line == "GET /a%20b%0D%0AX:%20y HTTP/1.1\r\n");
  std::string chunks;
  net::append_chunk(chunks, "0123456789abcdef!");
  net::append_chunk(chunks, "");
  CHECK(chunks == "11\r\n0123456789abcdef!\r\n");
}
