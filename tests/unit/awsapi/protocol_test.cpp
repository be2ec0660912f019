#include "awsapi/protocol.hpp"

#include <string>

#include <doctest/doctest.h>

#include "awsapi/cloudformation.hpp"
#include "awsapi/ec2.hpp"
#include "awsapi/ecs.hpp"
#include "awsapi/iam.hpp"
#include "awsapi/logs.hpp"
#include "awsapi/secretsmanager.hpp"
#include "awsapi/sts.hpp"
#include "doc/json_writer.hpp"

namespace {

template <class Request>
awsapi::WireMessage encoded(const Request& request) {
  return awsapi::encode_request(Request::operation(), request.to_node(awsapi::EmptyLists::omit));
}

std::string header(const awsapi::WireMessage& message, std::string_view name) {
  for (const auto& [key, value] : message.headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

awsapi::WireMessage json_call(std::string target, std::string body) {
  return {200, "/", {{"x-amz-target", std::move(target)}}, std::move(body)};
}

awsapi::WireError refused(const awsapi::WireMessage& request) {
  const auto call = awsapi::decode_request(request);
  REQUIRE_FALSE(call);
  return call.error();
}

}  // namespace

TEST_CASE("json requests carry the target and the members") {
  awsapi::ecs::ListTasksRequest request;
  request.cluster = "app";
  request.max_results = 5;
  const auto message = encoded(request);
  CHECK(header(message, "Content-Type") == "application/x-amz-json-1.1");
  CHECK(header(message, "X-Amz-Target") == "AmazonEC2ContainerServiceV20141113.ListTasks");
  CHECK(message.body == R"({"cluster":"app","maxResults":5})");
  const auto call = awsapi::decode_request(message);
  REQUIRE(call);
  CHECK(call->operation == &awsapi::ecs::ListTasksRequest::operation());
  CHECK(doc::to_json(call->input) == R"({"cluster":"app","maxResults":5})");
}

TEST_CASE("json timestamps are seconds, those of CloudWatch Logs plain milliseconds") {
  awsapi::ecs::StopTaskResponse response;
  response.task.emplace();
  response.task->created_at = awsapi::Timestamp{1'700'000'000'123};
  response.task->started_at = awsapi::Timestamp{1'700'000'000'000};
  const auto& operation = awsapi::ecs::StopTaskRequest::operation();
  const auto message =
      awsapi::encode_response(operation, response.to_node(awsapi::EmptyLists::omit), "id-1");
  CHECK(message.body == R"({"task":{"createdAt":1700000000.123,"startedAt":1700000000}})");
  CHECK(header(message, "x-amzn-RequestId") == "id-1");
  const auto back = awsapi::decode_response(operation, message);
  REQUIRE(back);
  CHECK(awsapi::ecs::StopTaskResponse::from_node(*back).task->created_at->millis ==
        1'700'000'000'123);

  awsapi::logs::PutLogEventsRequest events;
  events.log_group_name = "g";
  events.log_stream_name = "s";
  events.log_events.push_back({1'700'000'000'123, "hello"});
  CHECK(encoded(events).body.find(R"("timestamp":1700000000123)") != std::string::npos);
}

TEST_CASE("json blobs are base64") {
  awsapi::secretsmanager::CreateSecretRequest request;
  request.name = "n";
  request.secret_binary = awsapi::Blob{std::string("\0\xFF", 2)};
  const auto message = encoded(request);
  CHECK(message.body == R"({"Name":"n","SecretBinary":"AP8="})");
  const auto call = awsapi::decode_request(message);
  REQUIRE(call);
  CHECK(awsapi::secretsmanager::CreateSecretRequest::from_node(call->input).secret_binary->bytes ==
        std::string("\0\xFF", 2));
}

TEST_CASE("query requests number their lists") {
  awsapi::cloudformation::CreateStackRequest request;
  request.stack_name = "s";
  request.capabilities = {"CAPABILITY_IAM"};
  request.parameters.emplace_back();
  request.parameters[0].parameter_key = "K";
  request.parameters[0].parameter_value = "a b&c";
  const auto message = encoded(request);
  CHECK(message.body ==
        "Action=CreateStack&Version=2010-05-15&StackName=s&Parameters.member.1.ParameterKey=K&"
        "Parameters.member.1.ParameterValue=a%20b%26c&Capabilities.member.1=CAPABILITY_IAM");
  const auto call = awsapi::decode_request(message);
  REQUIRE(call);
  const auto back = awsapi::cloudformation::CreateStackRequest::from_node(call->input);
  CHECK(back.parameters[0].parameter_value == "a b&c");
  CHECK(back.capabilities == request.capabilities);
}

TEST_CASE("query parameters may come in the query string, with plus signs and in any order") {
  awsapi::WireMessage request;
  request.path = "/?Action=DescribeStacks&Version=2010-05-15";
  request.body = "StackName=a%2Db";
  const auto call = awsapi::decode_request(request);
  REQUIRE(call);
  CHECK(call->operation->name == "DescribeStacks");
  CHECK(*call->input.find("StackName")->as_string() == "a-b");
}

TEST_CASE("ec2 requests capitalise their names and drop .member") {
  awsapi::ec2::DescribeVpcsRequest request;
  request.filters.emplace_back();
  request.filters[0].name = "is-default";
  request.filters[0].values = {"true"};
  request.vpc_ids = {"vpc-1", "vpc-2"};
  const auto message = encoded(request);
  CHECK(message.body ==
        "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=is-default&Filter.1.Value.1=true&"
        "VpcId.1=vpc-1&VpcId.2=vpc-2");
  const auto call = awsapi::decode_request(message);
  REQUIRE(call);
  CHECK(awsapi::ec2::DescribeVpcsRequest::from_node(call->input).vpc_ids == request.vpc_ids);
}

TEST_CASE("query answers have namespace, result and metadata") {
  awsapi::sts::GetCallerIdentityResponse response;
  response.account = "000000000000";
  const auto& operation = awsapi::sts::GetCallerIdentityRequest::operation();
  const auto message =
      awsapi::encode_response(operation, response.to_node(awsapi::EmptyLists::write), "r");
  CHECK(
      message.body ==
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
      "<GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult>"
      "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>");
}

TEST_CASE("ec2 answers use item elements and the names of the wire") {
  awsapi::ec2::DescribeVpcsResponse response;
  response.vpcs.emplace_back();
  response.vpcs[0].vpc_id = "vpc-1";
  response.vpcs[0].is_default = true;
  const auto& operation = awsapi::ec2::DescribeVpcsRequest::operation();
  const auto message =
      awsapi::encode_response(operation, response.to_node(awsapi::EmptyLists::omit), "r");
  CHECK(message.body.find("<requestId>r</requestId>") != std::string::npos);
  CHECK(message.body.find("<vpcSet><item>") != std::string::npos);
  CHECK(message.body.find("<isDefault>true</isDefault>") != std::string::npos);
  const auto back = awsapi::decode_response(operation, message);
  REQUIRE(back);
  CHECK(awsapi::ec2::DescribeVpcsResponse::from_node(*back).vpcs.at(0).is_default == true);
}

TEST_CASE("texts survive XML") {
  awsapi::cloudformation::GetTemplateResponse response;
  response.template_body = " <a> & \"b\"\r\n\t\xC3\xA9 \xF0\x9F\x98\x80 ";
  const auto& operation = awsapi::cloudformation::GetTemplateRequest::operation();
  const auto message =
      awsapi::encode_response(operation, response.to_node(awsapi::EmptyLists::omit), "r");
  const auto back = awsapi::decode_response(operation, message);
  REQUIRE(back);
  CHECK(awsapi::cloudformation::GetTemplateResponse::from_node(*back).template_body ==
        response.template_body);
}

TEST_CASE("errors come back in the service's format with the model's status") {
  const awsapi::WireError error{"ChangeSetNotFound", "ChangeSet [x] does not exist", 400, "r"};
  const auto query = awsapi::encode_error(&awsapi::cloudformation::service(), error);
  CHECK(query.status == 404);
  CHECK(query.body.find("<Type>Sender</Type><Code>ChangeSetNotFound</Code>") != std::string::npos);
  const auto json = awsapi::encode_error(
      &awsapi::ecs::service(), {"ClusterNotFoundException", "Cluster not found.", 400, "r"});
  CHECK(json.status == 400);
  CHECK(json.body == R"({"__type":"ClusterNotFoundException","message":"Cluster not found."})");
  const auto ec2 =
      awsapi::encode_error(&awsapi::ec2::service(), {"InvalidVpcID.NotFound", "no", 400, "r"});
  CHECK(ec2.body.find("<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>") !=
        std::string::npos);

  const auto& describe = awsapi::cloudformation::DescribeChangeSetRequest::operation();
  const auto read = awsapi::decode_response(describe, query);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "ChangeSetNotFound");
  CHECK(read.error().message == "ChangeSet [x] does not exist");
  CHECK(read.error().request_id == "r");
  CHECK(read.error().http_status == 404);
}

TEST_CASE("error codes lose their namespaces") {
  const auto& operation = awsapi::ecs::ListTasksRequest::operation();
  for (const char* body :
       {R"({"__type":"com.amazonaws.ecs#ClusterNotFoundException","message":"m"})",
        R"({"code":"ClusterNotFoundException:http://internal/","Message":"m"})"}) {
    const auto read = awsapi::decode_response(operation, {400, "/", {}, body});
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "ClusterNotFoundException");
    CHECK(read.error().message == "m");
  }
}

TEST_CASE("answers that no AWS service gave are explained") {
  const auto& list = awsapi::ecs::ListTasksRequest::operation();
  const auto& stacks = awsapi::cloudformation::DescribeStacksRequest::operation();
  const auto message_of = [](const awsapi::Operation& operation, awsapi::WireMessage response) {
    const auto read = awsapi::decode_response(operation, response);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "UnreadableResponse");
    return read.error().message;
  };
  CHECK(message_of(list,
                   {502,
                    "/",
                    {{"Content-Type", "text/html"}},
                    "<html><head><title>Bad Gateway</title></head>"}) ==
        "HTTP 502 is not an answer of an AWS service (text/html): Bad Gateway");
  CHECK(message_of(stacks, {302, "/", {{"Location", "https://login.example/"}}, ""}) ==
        "the endpoint redirects (HTTP 302) to https://login.example/, which is not followed");
  CHECK(message_of(stacks, {200, "/", {}, "<DescribeStacksResponse><Descr"}) ==
        "HTTP 200 is not an answer of an AWS service: the body is cut off or ill-formed");
  CHECK(message_of(list, {200, "/", {}, R"({"SecretString":"hunter2)"}).find("hunter2") ==
        std::string::npos);
  CHECK(message_of(list, {503, "/", {}, ""}) ==
        "HTTP 503 is not an answer of an AWS service: the body is empty");
}

TEST_CASE("unknown operations and undecodable bodies are refused in AWS's way") {
  CHECK(refused(json_call("AmazonEC2ContainerServiceV20141113.Frobnicate", "{}")).code ==
        "UnknownOperationException");
  CHECK(refused(json_call("Nonsense", "{}")).code == "UnknownOperationException");
  CHECK(refused(json_call("AmazonEC2ContainerServiceV20141113.ListTasks", "{")).code ==
        "SerializationException");
  CHECK(refused(json_call("AmazonEC2ContainerServiceV20141113.ListTasks", "[]")).code ==
        "SerializationException");
  CHECK(refused(json_call("AmazonEC2ContainerServiceV20141113.ListTasks", R"({"cluster":5})"))
            .message == "NUMBER_VALUE can not be converted to a String");
  CHECK(refused({200, "/", {}, "Action=Frobnicate&Version=2010-05-15"}).message ==
        "Could not find operation Frobnicate for version 2010-05-15");
  CHECK(refused({200, "/", {}, "Action=Frobnicate&Version=2016-11-15"}).message ==
        "The action Frobnicate is not valid for this web service.");
  CHECK(refused({200, "/", {}, ""}).code == "MissingAction");
  CHECK(refused({200, "/", {}, "Action=DescribeVpcs&Version=2016-11-15&Bogus=1"}).message ==
        "The parameter Bogus is not recognized");
  CHECK(refused({200, "/", {}, "Action=DescribeVpcs&Version=2016-11-15&MaxResults=many"}).code ==
        "InvalidParameterValue");
  CHECK(awsapi::service_of({200, "/", {}, "Action=Frobnicate&Version=2010-05-15"}) ==
        &awsapi::cloudformation::service());
  CHECK(awsapi::service_of(json_call("Logs_20140328.Nope", "")) == &awsapi::logs::service());
}

TEST_CASE("unknown members are ignored where AWS ignores them") {
  const auto call = awsapi::decode_request(json_call("AmazonEC2ContainerServiceV20141113.ListTasks",
                                                     R"({"futureMember":1,"cluster":null})"));
  REQUIRE(call);
  CHECK(doc::to_json(call->input) == "{}");
  CHECK(
      awsapi::decode_request({200, "/", {}, "Action=DescribeStacks&Version=2010-05-15&Future=1"}));
}

TEST_CASE("a hostile form is refused or read without harm") {
  std::string deep = "Action=DescribeStacks&Version=2010-05-15&";
  for (int i = 0; i < 1000; ++i) {
    deep += "a.";
  }
  CHECK(refused({200, "/", {}, deep + "=1"}).code == "MalformedQueryString");
  const auto gaps = awsapi::decode_request(
      {200, "/", {}, "Action=DescribeVpcs&Version=2016-11-15&VpcId.900=b&VpcId.7=a&VpcId.x=c"});
  REQUIRE(gaps);
  CHECK(doc::to_json(gaps->input) == R"({"VpcIds":["a","b"]})");
}
