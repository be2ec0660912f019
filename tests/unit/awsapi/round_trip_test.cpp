// Every operation with every member through the codecs, and the same bytes damaged: nothing may be
// lost, nothing may crash (the sanitizer builds look closer).
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "awsapi/protocol.hpp"
#include "awsapi/shape.hpp"
#include "awsapi/validate.hpp"
#include "doc/json_writer.hpp"
#include "doc/node.hpp"
#include "util/strings.hpp"

namespace {

constexpr std::size_t kDeepest = 6;

class DocumentMaker {
 public:
  explicit DocumentMaker(std::uint32_t seed) : random_(seed) {}

  doc::Node structure(const awsapi::Shape& shape, std::size_t depth = 0) {
    doc::Mapping out;
    for (const awsapi::Member& member : shape.members) {
      if (!is_hollow(*member.type, depth)) {
        out.set(member.name, placed(member, value(*member.type, member.enums, depth + 1)));
      }
    }
    return doc::Node{std::move(out)};
  }

 private:
  // Headers are one line, and HTTP dates whole seconds.
  static doc::Node placed(const awsapi::Member& member, doc::Node value) {
    if (member.http_date) {
      return doc::Node{*value.as_int() / 1'000 * 1'000};
    }
    if (member.place != awsapi::Place::header && member.place != awsapi::Place::header_prefix) {
      return value;
    }
    if (member.type->kind == awsapi::Kind::string) {
      return doc::Node{util::replace_all(*value.as_string(), "\n", " ")};
    }
    return member.type->kind == awsapi::Kind::map ? doc::map({{"key", doc::Node{"value"}}}) : value;
  }

  // A structure that would have no member at all: forms cannot tell it from an absent one.
  static bool is_hollow(const awsapi::Type& type, std::size_t depth) {
    if (type.element != nullptr) {
      return is_hollow(*type.element, depth + 1);
    }
    return type.kind == awsapi::Kind::structure &&
           (type.shape().members.empty() || depth >= kDeepest);
  }

  doc::Node value(const awsapi::Type& type, std::string_view enums, std::size_t depth) {
    switch (type.kind) {
      case awsapi::Kind::structure: return structure(type.shape(), depth);
      case awsapi::Kind::list: return doc::list({value(*type.element, enums, depth + 1)});
      case awsapi::Kind::map: return doc::map({{"key", value(*type.element, enums, depth + 1)}});
      case awsapi::Kind::integer: return doc::Node{number(100) + 1};
      case awsapi::Kind::real: return doc::Node{static_cast<double>(number(100)) + 0.5};
      case awsapi::Kind::boolean: return doc::Node{random_() % 2 == 0};
      case awsapi::Kind::timestamp: return doc::Node{1'700'000'000'000 + number(1'000'000)};
      case awsapi::Kind::blob: return doc::Node{std::string("\0\x01\xFF", 3)};
      case awsapi::Kind::string: break;
    }
    return doc::Node{enums.empty() ? "a<&>\"' \xC3\xA9\n" + std::to_string(random_())
                                   : std::string(enums.substr(0, enums.find('|')))};
  }

  std::int64_t number(std::uint32_t below) { return static_cast<std::int64_t>(random_() % below); }

  std::mt19937 random_;
};

template <class Visit>
void for_each_operation(Visit visit) {
  std::uint32_t seed = 1;
  for (const awsapi::Service* service : awsapi::all_services()) {
    for (const awsapi::Operation& operation : service->operations) {
      CAPTURE(std::string(service->name) + "." + std::string(operation.name));
      visit(operation, seed++);
    }
  }
}

std::string damaged(std::string text, std::mt19937& random) {
  const std::size_t times = 1 + random() % 4;
  for (std::size_t i = 0; i < times && !text.empty(); ++i) {
    const std::size_t at = random() % text.size();
    switch (random() % 5) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text.resize(at); break;
      case 2: text.insert(at, text.substr(random() % text.size(), random() % 40)); break;
      case 3: text.erase(at, random() % 20); break;
      default: text[at] = "{}[]<>&=\",.%:/\0"[random() % 15]; break;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("answers of every operation come back as they were") {
  for_each_operation([](const awsapi::Operation& operation, std::uint32_t seed) {
    const doc::Node output = DocumentMaker(seed).structure(*operation.output);
    const auto back =
        awsapi::decode_response(operation, awsapi::encode_response(operation, output, "id"));
    REQUIRE(back);
    CHECK(doc::equivalent(*back, output));
  });
}

TEST_CASE("requests of every operation come back as they were, or are refused by validation") {
  int accepted = 0;
  for_each_operation([&](const awsapi::Operation& operation, std::uint32_t seed) {
    const doc::Node input = DocumentMaker(seed).structure(*operation.input);
    const auto call = awsapi::decode_request(awsapi::encode_request(operation, input));
    if (call) {
      ++accepted;
      CHECK(call->operation == &operation);
      CHECK(doc::equivalent(call->input, input));
      CHECK_FALSE(awsapi::validate(operation, input));
    } else {
      CHECK(call.error().message ==
            awsapi::validate(operation, input).value_or(awsapi::WireError{}).message);
    }
  });
  CHECK(accepted > 40);
}

TEST_CASE("damaged requests and answers are refused or read, never worse") {
  std::mt19937 random(20'261'123);
  for_each_operation([&](const awsapi::Operation& operation, std::uint32_t seed) {
    const doc::Node input = DocumentMaker(seed).structure(*operation.input);
    const doc::Node output = DocumentMaker(seed).structure(*operation.output);
    awsapi::WireMessage request = awsapi::encode_request(operation, input);
    awsapi::WireMessage response = awsapi::encode_response(operation, output, "id");
    const std::string request_body = request.body;
    const std::string response_body = response.body;
    for (int i = 0; i < 8; ++i) {
      request.body = damaged(request_body, random);
      const auto call = awsapi::decode_request(request);
      if (!call) {
        CHECK_FALSE(call.error().code.empty());
      }
      response.body = damaged(response_body, random);
      response.status = i % 2 == 0 ? 200 : 400;
      const auto answer = awsapi::decode_response(operation, response);
      if (!answer) {
        CHECK_FALSE(answer.error().code.empty());
        CHECK(answer.error().http_status == response.status);
      }
    }
  });
}

TEST_CASE("deep, large and empty bodies are handled") {
  const awsapi::Service& ecs = *awsapi::all_services()[3];
  REQUIRE(ecs.name == "ecs");
  const awsapi::Operation& list = *ecs.find("ListTasks");
  std::string deep(50'000, '[');
  CHECK(awsapi::decode_response(list, {200, "/", {}, deep}).error().code == "UnreadableResponse");
  const awsapi::Operation& stacks = *awsapi::all_services()[1]->find("DescribeStacks");
  std::string nested = "<DescribeStacksResponse><DescribeStacksResult><Stacks>";
  for (int i = 0; i < 50'000; ++i) {
    nested += "<member>";
  }
  CHECK_FALSE(awsapi::decode_response(stacks, {200, "/", {}, nested}));
  CHECK_FALSE(awsapi::decode_response(stacks, {200, "/", {}, ""}));
  CHECK_FALSE(awsapi::decode_response(
      stacks, {200, "/", {}, "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>"}));
  std::string big = R"({"taskArns":[)";
  for (int i = 0; i < 20'000; ++i) {
    big += (i == 0 ? "\"" : ",\"") + std::string(100, 'x') + "\"";
  }
  CHECK(awsapi::decode_response(list, {200, "/", {}, big + "]}"})
            ->find("taskArns")
            ->as_sequence()
            ->items.size() == 20'000);
  CHECK_FALSE(awsapi::decode_response(list, {200, "/", {}, big}));
}
