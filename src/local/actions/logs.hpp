#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "awsapi/logs.hpp"
#include "local/action_table.hpp"
#include "local/context.hpp"
#include "local/state/log_storage.hpp"

namespace local {

// CloudWatch Logs: groups and retention as records, lines in LogStorage.
class Logs {
 public:
  Logs(Context& context, LogStorage& storage) : context_(context), storage_(storage) {}

  void add_actions(ActionTable& actions);
  void restore();

 private:
  struct Group {
    awsapi::logs::LogGroup about;  // without storedBytes
    std::map<std::string, std::string, std::less<>> tags;
  };
  template <class T>
  using Answer = util::Result<T, ApiError>;

  Answer<Group*> find(const std::string& name);
  // The name in logGroupName or logGroupIdentifier (a name or an ARN), of a group that exists.
  Answer<std::string> name_in(const std::optional<std::string>& name,
                              const std::optional<std::string>& identifier);
  Answer<void> check_stream(const std::string& group, const std::string& stream);
  void save(const Group& group);
  void trim_regularly();
  [[nodiscard]] std::int64_t now_ms() const;
  // Times before this have expired.
  [[nodiscard]] std::int64_t horizon(const Group& group) const;

  void add_group_actions(ActionTable& actions);
  void add_stream_actions(ActionTable& actions);
  Answer<awsapi::logs::CreateLogGroupResponse> create_group(
      const awsapi::logs::CreateLogGroupRequest& request);
  Answer<awsapi::logs::DescribeLogGroupsResponse> describe_groups(
      const awsapi::logs::DescribeLogGroupsRequest& request);
  Answer<awsapi::logs::DescribeLogStreamsResponse> describe_streams(
      const awsapi::logs::DescribeLogStreamsRequest& request);
  Answer<awsapi::logs::PutRetentionPolicyResponse> put_retention(
      const awsapi::logs::PutRetentionPolicyRequest& request);
  Answer<awsapi::logs::PutLogEventsResponse> put_events(
      const awsapi::logs::PutLogEventsRequest& request);
  Answer<awsapi::logs::FilterLogEventsResponse> filter_events(
      const awsapi::logs::FilterLogEventsRequest& request);
  Answer<awsapi::logs::GetLogEventsResponse> get_events(
      const awsapi::logs::GetLogEventsRequest& request);

  Context& context_;
  LogStorage& storage_;
  std::map<std::string, Group> groups_;  // by name
  std::int64_t last_token_ = 0;          // counts the batches
};

}  // namespace local
