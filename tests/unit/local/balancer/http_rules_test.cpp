#include "local/balancer/http_rules.hpp"

#include <doctest/doctest.h>

#include "local/balancer/cookies.hpp"
#include "local/balancer/http_answers.hpp"
#include "local/balancer/regex.hpp"

namespace {

using namespace local::balancer;
using namespace std::chrono_literals;
using Field = Condition::Field;

net::HttpHead head_of(std::string method, std::string target, std::vector<net::Header> headers) {
  net::HttpHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  head.headers = std::move(headers);
  return head;
}

bool matches(const net::HttpHead& head,
             Condition condition,
             std::string_view source = "127.0.0.1") {
  const auto facts = facts_of(head, source);
  REQUIRE(facts.has_value());
  return holds(condition, *facts);
}

const std::vector<Rewrite> kNoRewrites;
const ClientSide kPlain{.address = "10.1.2.3", .port = 5555, .listener_port = 80};
const ClientSide kSecure{.address = "10.1.2.3", .port = 5555, .tls = true, .listener_port = 443};

}  // namespace

TEST_CASE("wildcards stand for text and for one character, unless they are escaped") {
  const auto match = [](std::string_view pattern, std::string_view text) {
    return matches_wildcards(pattern, text, Case::matters);
  };
  CHECK(match("/img/*", "/img/"));
  CHECK(match("/img/*", "/img/a/b.png"));
  CHECK(match("*/b.png", "/img/a/b.png"));
  CHECK(match("/*/a/*.png", "/img/a/b.png"));
  CHECK(match("/a?c", "/abc"));
  CHECK_FALSE(match("/a?c", "/ac"));
  CHECK_FALSE(match("/img", "/img/"));
  CHECK_FALSE(match("/img/", "/IMG/"));
  CHECK(match("", ""));
  CHECK(match("*", ""));
  CHECK(match("\\*", "*"));
  CHECK_FALSE(match("\\*", "x"));
  CHECK(match("a\\?b*", "a?bc"));
  CHECK(match("*a*a*a*b", std::string(2000, 'a') + "b"));
}

TEST_CASE("networks contain their addresses") {
  CHECK(is_in_network("127.0.0.1", "127.0.0.0/8"));
  CHECK(is_in_network("10.1.2.3", "10.1.2.3/32"));
  CHECK_FALSE(is_in_network("10.1.2.4", "10.1.2.3/32"));
  CHECK(is_in_network("10.1.2.3", "0.0.0.0/0"));
  CHECK(is_in_network("::1", "::/0"));
  CHECK_FALSE(is_in_network("::1", "127.0.0.0/8"));
  CHECK_FALSE(is_in_network("127.0.0.1", "127.0.0.0/99"));
}

TEST_CASE("conditions look at the parts of a request") {
  const auto request = head_of("GET",
                               "/Shop/cart?Item=12&plain",
                               {{"Host", "App.Example.com:8080"}, {"X-Kind", "Mobile phone"}});
  CHECK(matches(request, {Field::host, {}, {"app.example.com"}, {}}));
  CHECK(matches(request, {Field::host, {}, {"other", "*.example.com"}, {}}));
  CHECK_FALSE(matches(request, {Field::host, {}, {"example.com"}, {}}));
  CHECK(matches(request, {Field::path, {}, {"/Shop/*"}, {}}));
  CHECK_FALSE(matches(request, {Field::path, {}, {"/shop/*"}, {}}));
  CHECK(matches(request, {Field::header, "x-kind", {"mobile*"}, {}}));
  CHECK_FALSE(matches(request, {Field::header, "x-other", {"*"}, {}}));
  CHECK(matches(request, {Field::method, {}, {"POST", "GET"}, {}}));
  CHECK_FALSE(matches(request, {Field::method, {}, {"get"}, {}}));
  CHECK(matches(request, {Field::query, {}, {}, {{"item", "1?"}}}));
  CHECK(matches(request, {Field::query, {}, {}, {{"", "12"}}}));
  CHECK_FALSE(matches(request, {Field::query, {}, {}, {{"plain", "x"}}}));
  CHECK(matches(request, {Field::source_ip, {}, {"10.0.0.0/8"}, {}}, "10.9.8.7"));
}

TEST_CASE("a host is also reached below .localhost") {
  const auto request = head_of("GET", "/", {{"Host", "shop.example.com.localhost"}});
  CHECK(matches(request, {Field::host, {}, {"shop.example.com"}, {}}));
  CHECK(matches(request, {Field::host, {}, {"*.example.com"}, {}}));
  CHECK_FALSE(matches(head_of("GET", "/", {{"Host", "xlocalhost"}}), {Field::host, {}, {"x"}, {}}));
}

TEST_CASE("the target may be a path, a URL or a star, nothing else") {
  const auto url = head_of("GET", "http://a.example:81/x?y", {{"Host", "b"}});
  auto facts = facts_of(url, "1.2.3.4");
  REQUIRE(facts.has_value());
  CHECK(facts->host == "a.example");
  CHECK(facts->path == "/x");
  CHECK(facts->query == "y");
  CHECK(facts_of(head_of("OPTIONS", "*", {{"Host", "b"}}), "").has_value());
  CHECK_FALSE(facts_of(head_of("GET", "*", {{"Host", "b"}}), "").has_value());
  CHECK_FALSE(facts_of(head_of("CONNECT", "a:443", {{"Host", "b"}}), "").has_value());
  const auto v6 = head_of("GET", "/", {{"Host", "[::1]:80"}});
  facts = facts_of(v6, "");
  CHECK(facts->host == "[::1]");
}

TEST_CASE("redirects keep what they do not change") {
  const auto request = head_of("GET", "/a/b?c=d", {{"Host", "app.localhost:8080"}});
  const auto facts = *facts_of(request, "");
  RedirectSpec spec;
  spec.protocol = "HTTPS";
  spec.port = "443";
  const OwnAnswer answer = redirect_answer(spec, facts, kPlain);
  CHECK(answer.status == 301);
  CHECK(answer.location == "https://app.localhost:443/a/b?c=d");
  CHECK(answer.body.size() == 134);  // AWS's page
  spec = {.protocol = "#{protocol}",
          .host = "www.#{host}",
          .port = "#{port}",
          .path = "/new/#{path}",
          .query = "q=1&#{query}",
          .status = 302};
  CHECK(redirect_answer(spec, facts, kSecure).location ==
        "https://www.app.localhost:443/new/a/b?q=1&c=d");
  spec.query = "";
  CHECK(redirect_answer(spec, facts, kPlain).location == "http://www.app.localhost:80/new/a/b");
}

TEST_CASE("a request goes on with what the target should know, and without what it should not") {
  auto request = head_of("GET",
                         "/x",
                         {{"Host", "app.localhost"},
                          {"Connection", "keep-alive, X-Private"},
                          {"X-Private", "1"},
                          {"Keep-Alive", "300"},
                          {"X-Forwarded-For", "9.9.9.9"},
                          {"X-Forwarded-Proto", "gopher"},
                          {"odd_name", "1"},
                          {"Accept", "*/*"}});
  HttpSettings settings;
  CHECK(forwarded_request(request, {kPlain, settings, "1-a-b", kNoRewrites}) ==
        "GET /x HTTP/1.1\r\nHost: app.localhost\r\nodd_name: 1\r\nAccept: */*\r\n"
        "X-Forwarded-For: 9.9.9.9, 10.1.2.3\r\nX-Forwarded-Proto: http\r\n"
        "X-Forwarded-Port: 80\r\nX-Amzn-Trace-Id: Root=1-a-b\r\n\r\n");
  settings.drop_invalid_headers = true;
  settings.client_port = true;
  const std::string strict = forwarded_request(request, {kSecure, settings, "1-a-b", kNoRewrites});
  CHECK(strict.find("odd_name") == std::string::npos);
  CHECK(strict.find("X-Forwarded-For: 9.9.9.9, 10.1.2.3:5555\r\n") != std::string::npos);
  CHECK(strict.find("X-Forwarded-Proto: https\r\n") != std::string::npos);
  settings.forwarded_for = ForwardedFor::remove;
  CHECK(forwarded_request(request, {kPlain, settings, "1", kNoRewrites}).find("X-Forwarded-For") ==
        std::string::npos);
  settings.forwarded_for = ForwardedFor::preserve;
  CHECK(forwarded_request(request, {kPlain, settings, "1", kNoRewrites})
            .find("X-Forwarded-For: 9.9.9.9\r\n") != std::string::npos);
}

TEST_CASE("the host is sent with the listener's port unless it is the usual one") {
  const ClientSide odd{.address = "1.1.1.1", .port = 1, .listener_port = 8040};
  HttpSettings settings;
  const auto host = [&](const char* value) {
    const std::string text = forwarded_request(head_of("GET", "/", {{"Host", value}}),
                                               {odd, settings, "1", kNoRewrites});
    const std::size_t at = text.find("Host: ") + 6;
    return text.substr(at, text.find('\r', at) - at);
  };
  CHECK(host("a.example") == "a.example:8040");
  CHECK(host("a.example:9") == "a.example:9");
  CHECK(host("[::1]") == "[::1]:8040");
  settings.preserve_host = true;
  CHECK(host("a.example") == "a.example");
}

TEST_CASE("trace ids are begun or continued") {
  CHECK(traced("", "1-new") == "Root=1-new");
  CHECK(traced("Root=1-old", "1-new") == "Self=1-new;Root=1-old");
  CHECK(traced("Self=1-x;Root=1-old;Called=app", "1-new") == "Self=1-new;Root=1-old;Called=app");
  CHECK(traced("Called=app", "1-new") == "Self=1-new;Root=1-new;Called=app");
}

TEST_CASE("an upgrade is asked for by a GET without a body, and not to HTTP/2") {
  auto request =
      head_of("GET", "/", {{"Connection", "keep-alive, Upgrade"}, {"Upgrade", "websocket"}});
  CHECK(asks_for_upgrade(request));
  request.method = "POST";
  CHECK_FALSE(asks_for_upgrade(request));
  request = head_of("GET", "/", {{"Connection", "Upgrade, HTTP2-Settings"}, {"Upgrade", "h2c"}});
  CHECK_FALSE(asks_for_upgrade(request));
  request = head_of("GET", "/", {{"Upgrade", "websocket"}});
  CHECK_FALSE(asks_for_upgrade(request));
}

TEST_CASE("cookies are found among others and count until they expire") {
  const std::vector<net::Header> headers{{"Cookie", "a=1; AWSALB=x; b"}, {"Cookie", "c=3"}};
  CHECK(cookie_value(headers, "AWSALB") == "x");
  CHECK(cookie_value(headers, "c") == "3");
  CHECK_FALSE(cookie_value(headers, "AWSAL").has_value());
  CHECK(sets_cookie({{"Set-Cookie", "sid=1; Path=/"}}, "sid"));
  CHECK_FALSE(sets_cookie({{"Set-Cookie", "sid2=1"}}, "sid"));

  const WallTime now{1'800'000'000s};
  const std::string print = fingerprint("group 10.0.0.1:80");
  const auto cookies = give_cookie(kTargetCookie, print, 60s, true, now);
  REQUIRE(cookies.size() == 2);
  CHECK(cookies[0] ==
        "AWSALB=" + print + "-1800000060; Expires=Fri, 15 Jan 2027 08:01:00 GMT; Path=/");
  CHECK(cookies[1].ends_with("; SameSite=None; Secure"));
  const std::string value = print + "-1800000060";
  CHECK(valid_fingerprint(value, now) == print);
  CHECK_FALSE(valid_fingerprint(value, now + 61s).has_value());
  CHECK_FALSE(valid_fingerprint("short-1", now).has_value());
  CHECK_FALSE(valid_fingerprint(print + "-x", now).has_value());
  CHECK(give_cookie(kAppCookie, print, 60s, false, now).size() == 1);
}

TEST_CASE("its own answers look like AWS's") {
  const auto text = write_answer(error_answer(503), true, false, true, WallTime{0s});
  CHECK(text.starts_with("HTTP/1.1 503 Service Unavailable\r\nServer: awselb/2.0\r\n"));
  CHECK(text.find("<h1>503 Service Temporarily Unavailable</h1>") != std::string::npos);
  const auto fixed = write_answer(fixed_answer({404, "", "nothing here"}), false, true, false, {});
  CHECK(fixed.find("Content-Type: text/plain\r\n") != std::string::npos);
  CHECK(fixed.find("Content-Length: 12\r\n") != std::string::npos);
  CHECK(fixed.ends_with("Connection: close\r\n\r\n"));
}

TEST_CASE("regular expressions are POSIX's with the usual escapes; others do not compile") {
  CHECK(Regex::compile("^/api/v\\d+/")->matches("/api/v12/x"));
  CHECK_FALSE(Regex::compile("^/api/v\\d+/")->matches("/x/api/v1/"));
  CHECK(Regex::compile("^[\\w.]+\\.example\\.com$")->matches("a.b_c.example.com"));
  CHECK(Regex::compile("^/(a)/(b)$")->replaced("/a/b", "/$2/$1?x=$$0") == "/b/a?x=$/a/b");
  CHECK_FALSE(Regex::compile("^x$")->replaced("y", "z").has_value());
  for (const char* source : {"(?=a)", "a*?", "(a", "\\1", "\\bx", "[z", "a++"}) {
    CAPTURE(source);
    CHECK(Regex::compile(source) == nullptr);
  }
}

TEST_CASE("a rule rewrites the URL and the host that the target gets") {
  const std::vector<Rewrite> rewrites{{Rewrite::What::url, Regex::compile("^/api/?(.*)$"), "/$1"},
                                      {Rewrite::What::host, Regex::compile("^www\\."), ""}};
  const HttpSettings settings;
  const auto first_lines = [&](const char* target, const char* host) {
    const auto text = forwarded_request(head_of("GET", target, {{"Host", host}}),
                                        {kPlain, settings, "1", rewrites});
    return text.substr(0, text.find("\r\n", text.find("Host: ")));
  };
  CHECK(first_lines("/api/x?y", "www.a.b") == "GET /x?y HTTP/1.1\r\nHost: a.b");
  CHECK(first_lines("/api", "a.b") == "GET / HTTP/1.1\r\nHost: a.b");
  CHECK(first_lines("/other", "a.b") == "GET /other HTTP/1.1\r\nHost: a.b");
}
