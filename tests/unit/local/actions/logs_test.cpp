#include "local/actions/logs.hpp"

#include <doctest/doctest.h>

#include "local/actions/log_filter.hpp"
#include "support/fake_context.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace api = awsapi::logs;

struct LogsWorld {
  test::FakeContext fake;
  local::ActionTable actions;
  std::unique_ptr<local::LogStorage> storage =
      std::move(local::LogStorage::open(":memory:", fake.clock.now())->storage);
  local::Logs logs{fake.context, *storage};

  template <class Request>
  auto ok(const Request& request) {
    auto response = actions.call(request);
    if (!response) {
      FAIL(response.error().code << ": " << response.error().message);
    }
    return std::move(*response);
  }

  template <class Request>
  std::string error(const Request& request) {
    const auto response = actions.call(request);
    return response ? "no error" : response.error().code + ": " + response.error().message;
  }

  LogsWorld() {
    logs.add_actions(actions);
    logs.restore();
    api::CreateLogGroupRequest group;
    group.log_group_name = "/app";
    ok(group);
    make_stream("web/1");
    make_stream("db/1");
  }

  void make_stream(const std::string& name) {
    api::CreateLogStreamRequest stream;
    stream.log_group_name = "/app";
    stream.log_stream_name = name;
    ok(stream);
  }

  [[nodiscard]] std::int64_t now() const { return fake.clock.now().time_since_epoch().count(); }

  api::PutLogEventsRequest batch(const std::string& stream,
                                 std::vector<std::pair<std::int64_t, std::string>> lines) {
    api::PutLogEventsRequest request;
    request.log_group_name = "/app";
    request.log_stream_name = stream;
    for (auto& [offset, text] : lines) {
      request.log_events.push_back({now() + offset, std::move(text)});
    }
    return request;
  }

  std::string filter(api::FilterLogEventsRequest request) {
    request.log_group_name = "/app";
    std::string text;
    do {
      const auto page = ok(request);
      for (const auto& event : page.events) {
        text += event.message.value() + " ";
      }
      text += page.next_token ? "| " : "";
      request.next_token = page.next_token;
    } while (request.next_token);
    return text;
  }
};

}  // namespace

TEST_CASE("lines of a group are read in the order of their times, in pages") {
  LogsWorld world;
  world.ok(world.batch("web/1", {{-30, "a"}, {-10, "c"}, {-10, "d"}}));
  world.ok(world.batch("db/1", {{-20, "b"}, {0, "e"}}));
  CHECK(world.filter({}) == "a b c d e ");
  api::FilterLogEventsRequest request;
  request.limit = 2;
  CHECK(world.filter(request) == "a b | c d | e ");
  request = {};
  request.log_stream_names = {"web/1"};
  CHECK(world.filter(request) == "a c d ");
  request = {};
  request.log_stream_name_prefix = "db/";
  CHECK(world.filter(request) == "b e ");
  request = {};
  request.start_time = world.now() - 20;
  request.end_time = world.now() - 10;
  CHECK(world.filter(request) == "b c d ");
  request = {};
  request.filter_pattern = "?a ?b";
  CHECK(world.filter(request) == "a b ");
}

TEST_CASE("a stream is followed forwards and read backwards") {
  LogsWorld world;
  world.ok(world.batch("web/1", {{0, "1"}, {1, "2"}, {2, "3"}, {3, "4"}, {4, "5"}}));
  api::GetLogEventsRequest request;
  request.log_group_name = "/app";
  request.log_stream_name = "web/1";
  request.limit = 2;
  const auto text = [](const api::GetLogEventsResponse& response) {
    std::string all;
    for (const auto& event : response.events) {
      all += event.message.value();
    }
    return all;
  };
  const auto newest = world.ok(request);
  CHECK(text(newest) == "45");
  request.next_token = newest.next_backward_token;
  const auto older = world.ok(request);
  CHECK(text(older) == "23");
  request.next_token = older.next_forward_token;
  CHECK(text(world.ok(request)) == "45");
  request.next_token = newest.next_forward_token;
  const auto end = world.ok(request);
  CHECK(end.events.empty());
  CHECK(end.next_forward_token == newest.next_forward_token);
  world.ok(world.batch("web/1", {{5, "6"}}));
  CHECK(text(world.ok(request)) == "6");
  request.next_token.reset();
  request.start_from_head = true;
  CHECK(text(world.ok(request)) == "12");
}

TEST_CASE("batches beyond CloudWatch's limits are refused or cut") {
  LogsWorld world;
  CHECK(world.error(world.batch("web/1", {{0, "b"}, {-1, "a"}})).find("chronological order") !=
        std::string::npos);
  CHECK(world.error(world.batch("web/1", {{0, std::string(262'144, 'x')}}))
            .starts_with("InvalidParameterException: Log event too large"));
  CHECK(world.error(world.batch("web/1", {{-86'400'001, "a"}, {0, "b"}})).find("24 hours") !=
        std::string::npos);
  CHECK(world.error(world.batch("none", {{0, "a"}})) ==
        "ResourceNotFoundException: The specified log stream does not exist.");
  const std::int64_t day = 86'400'000;
  const auto old = world.ok(world.batch("web/1", {{-15 * day, "too old"}, {-14 * day, "just"}}));
  CHECK(old.rejected_log_events_info->too_old_log_event_end_index == 1);
  const auto early = world.ok(world.batch("web/1", {{0, "now"}, {3 * 3'600'000, "too new"}}));
  CHECK(early.rejected_log_events_info->too_new_log_event_start_index == 1);
  CHECK(world.filter({}) == "just now ");
}

TEST_CASE("groups and streams are described, deleted and not made twice") {
  LogsWorld world;
  world.ok(world.batch("web/1", {{0, "line"}}));
  api::DescribeLogStreamsRequest streams;
  streams.log_group_identifier = "arn:aws:logs:us-east-1:000000000000:log-group:/app:*";
  streams.order_by = "LastEventTime";
  streams.descending = true;
  const auto found = world.ok(streams).log_streams;
  REQUIRE(found.size() == 2);
  CHECK(found[0].log_stream_name == "web/1");
  CHECK(found[0].last_event_timestamp == world.now());
  CHECK_FALSE(found[1].last_event_timestamp.has_value());
  api::DescribeLogGroupsRequest groups;
  groups.log_group_name_prefix = "/a";
  CHECK(world.ok(groups).log_groups.at(0).stored_bytes == 30);
  api::CreateLogGroupRequest again;
  again.log_group_name = "/app";
  CHECK(world.error(again) ==
        "ResourceAlreadyExistsException: The specified log group already exists");
  api::DeleteLogGroupRequest remove;
  remove.log_group_name = "/app";
  world.ok(remove);
  CHECK(world.error(remove) ==
        "ResourceNotFoundException: The specified log group does not exist.");
  world.ok(again);
  CHECK(world.filter({}).empty());
}

TEST_CASE("old lines go when retention says so, also from a database that lived on") {
  LogsWorld world;
  world.ok(world.batch("web/1", {{0, "old"}}));
  api::PutRetentionPolicyRequest retention;
  retention.log_group_name = "/app";
  retention.retention_in_days = 2;
  CHECK(world.error(retention).find("Member must satisfy enum value set: [1, 3, 5,") !=
        std::string::npos);
  retention.retention_in_days = 1;
  world.ok(retention);
  world.fake.advance(std::chrono::hours(23));
  world.ok(world.batch("web/1", {{0, "new"}}));
  CHECK(world.filter({}) == "old new ");
  world.fake.advance(std::chrono::hours(2));
  CHECK(world.filter({}) == "new ");
  CHECK(world.storage->bytes("/app") == 29);
}

TEST_CASE("a group that grew too large loses its oldest lines") {
  LogsWorld world;
  for (int i = 0; i < 100; ++i) {
    world.ok(world.batch("web/1", {{i, std::string(74, static_cast<char>('a' + i % 26))}}));
  }
  CHECK(world.storage->bytes("/app") == 10'000);
  CHECK(world.storage->trim("/app", 0, 5'000));
  CHECK(world.storage->bytes("/app") == 4'500);
  api::FilterLogEventsRequest request;
  request.limit = 1;
  request.log_group_name = "/app";
  CHECK(world.ok(request).events.at(0).timestamp == world.now() + 55);
}

TEST_CASE("lines survive, and a damaged log database is set aside") {
  const test::TempDir dir;
  const test::FakeClock clock;
  {
    auto storage = std::move(local::LogStorage::open(dir / "logs.db", clock.now())->storage);
    REQUIRE(storage->create_stream("g", "s", 1));
    CHECK_FALSE(storage->create_stream("g", "s", 1));
    REQUIRE(storage->append("g", "s", {{5, "x"}}, 6));
    CHECK_FALSE(storage->append("g", "none", {{5, "x"}}, 6));
  }
  auto again = local::LogStorage::open(dir / "logs.db", clock.now());
  CHECK(again->storage->streams("g").at(0).bytes == 27);
  REQUIRE(again->storage->database().execute("PRAGMA max_page_count=1").has_value());
  CHECK_FALSE(again->storage->append("g", "s", {{5, std::string(100'000, 'x')}}, 6));
  CHECK(again->storage->streams("g").at(0).bytes == 27);
}

TEST_CASE("filter patterns") {
  const auto matches = [](std::string_view pattern, std::string_view text) {
    const auto filter = local::LogFilter::parse(pattern);
    return filter && filter->matches(text);
  };
  CHECK(matches("", "anything"));
  CHECK(matches("ERROR", "an ERROR here"));
  CHECK_FALSE(matches("ERROR", "an error here"));
  CHECK(matches("\"two words\" x", "x and two words"));
  CHECK_FALSE(matches("\"two words\"", "words two"));
  CHECK(matches("ERROR -debug", "ERROR"));
  CHECK_FALSE(matches("ERROR -debug", "ERROR debug"));
  CHECK(matches("?a ?b", "b"));
  CHECK_FALSE(matches("?a ?b", "c"));
  CHECK_FALSE(local::LogFilter::parse("\"open").has_value());
  CHECK_FALSE(local::LogFilter::parse("{ $.x = 1 }").has_value());
  CHECK_FALSE(local::LogFilter::parse("-").has_value());
}
