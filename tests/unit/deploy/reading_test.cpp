#include <doctest/doctest.h>

#include "deploy/fronts.hpp"
#include "deploy/log_reader.hpp"
#include "deploy/services.hpp"
#include "scripted_api.hpp"

TEST_CASE("services with their counts and the addresses they are published at") {
  test::ScriptedApi api;
  api.answer(
      "ListStackResources",
      R"({"StackResourceSummaries":[)"
      R"({"LogicalResourceId":"S","ResourceType":"AWS::ECS::Service","PhysicalResourceId":"arn:aws:ecs:r:1:service/app/app-WebService-X","ResourceStatus":"CREATE_COMPLETE"},)"
      R"({"LogicalResourceId":"L","ResourceType":"AWS::ElasticLoadBalancingV2::LoadBalancer","PhysicalResourceId":"arn:lb","ResourceStatus":"CREATE_COMPLETE"}]})");
  api.answer("DescribeLoadBalancers", R"({"LoadBalancers":[{"DNSName":"localhost"}]})");
  api.answer(
      "DescribeListeners",
      R"({"Listeners":[{"Port":8080,"Protocol":"TCP","DefaultActions":[{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"arn:tg"}]}}]}]})");
  api.answer(
      "DescribeServices",
      R"({"services":[{"serviceName":"app-WebService-X","serviceArn":"a","runningCount":1,"desiredCount":2,)"
      R"("tags":[{"key":"com.docker.compose.service","value":"web"}],"loadBalancers":[{"targetGroupArn":"arn:tg","containerPort":80}]}]})");
  deploy::RemoteStack stack;
  stack.name = "app";
  stack.outputs.push_back({"WebTCP8080Url", "http://balancer:8080", ""});
  const auto services = deploy::read_services(api, stack);
  REQUIRE(services);
  REQUIRE(services->size() == 1);
  const deploy::ServiceStatus& web = services->front();
  CHECK(web.name == "web");
  CHECK(web.id == "app-WebService-X");
  CHECK(web.running == 1);
  CHECK(web.desired == 2);
  REQUIRE(web.publishers.size() == 1);
  CHECK(web.publishers.front().url == "http://localhost:8080");
  CHECK(web.publishers.front().target == 80);
  CHECK(api.calls_of("DescribeServices").front().find(R"("cluster":"app")") != std::string::npos);
}

TEST_CASE("log lines come by time, once, from the services asked for") {
  test::ScriptedApi api;
  api.answer(
      "FilterLogEvents",
      R"({"events":[{"logStreamName":"app/web/t1","timestamp":20000,"message":"b\n","eventId":"2"},)"
      R"({"logStreamName":"app/db/t2","timestamp":10000,"message":"a","eventId":"1"}],"nextToken":"n"})");
  api.answer(
      "FilterLogEvents",
      R"({"events":[{"logStreamName":"app/cache/t3","timestamp":1,"message":"x","eventId":"3"}]})");
  api.answer(
      "FilterLogEvents",
      R"({"events":[{"logStreamName":"app/web/t1","timestamp":20000,"message":"b\n","eventId":"2"},)"
      R"({"logStreamName":"app/web/t1","timestamp":19000,"message":"late","eventId":"4"}]})");
  deploy::LogReader reader(api, {"g", "app/", {"web", "db"}, {}, {}});
  const auto first = reader.next();
  REQUIRE(first);
  REQUIRE(first->size() == 2);
  CHECK(first->at(0).text == "a");
  CHECK(first->at(0).container == "db");
  CHECK(first->at(1).text == "b");
  const auto second = reader.next();
  REQUIRE(second);
  REQUIRE(second->size() == 1);
  CHECK(second->front().text == "late");
  CHECK(api.calls_of("FilterLogEvents").back().find(R"("startTime":10000)") != std::string::npos);
}

TEST_CASE("tail counts for each container of each task") {
  const std::vector<deploy::LogLine> lines = {
      {1, "a", "t", "1"}, {2, "b", "t", "2"}, {3, "a", "t", "3"}, {4, "a", "u", "4"}};
  const auto last = deploy::tail(lines, 1);
  REQUIRE(last.size() == 3);
  CHECK(last.at(0).text == "2");
  CHECK(last.at(1).text == "3");
  CHECK(last.at(2).text == "4");
  CHECK(deploy::tail(lines, 0).empty());
}

TEST_CASE("an application load balancer's addresses are those of its rules") {
  test::ScriptedApi api;
  api.answer("DescribeLoadBalancers", R"({"LoadBalancers":[{"DNSName":"localhost"}]})");
  api.answer(
      "DescribeListeners",
      R"({"Listeners":[{"ListenerArn":"arn:l","Port":443,"Protocol":"HTTPS","DefaultActions":[{"Type":"fixed-response"}]}]})");
  api.answer("DescribeListenerAttributes",
             R"({"Attributes":[{"Key":"local.port","Value":"8443"}]})");
  api.answer(
      "DescribeRules",
      R"({"Rules":[{"Conditions":[{"Field":"host-header","Values":["a.localhost","shop.example.com","*.x"]},)"
      R"({"Field":"path-pattern","Values":["/api/*"]}],"Actions":[{"Type":"forward","TargetGroupArn":"arn:tg"}]},)"
      R"({"Conditions":[],"Actions":[{"Type":"forward","TargetGroupArn":"arn:other"}]}]})");
  const auto fronts = deploy::read_fronts(api, {"arn:lb"});
  REQUIRE(fronts);
  std::vector<std::string> urls;
  for (const auto& [group, front] : *fronts) {
    urls.push_back(group + " " + front.url());
  }
  CHECK(urls == std::vector<std::string>{"arn:other https://localhost:8443",
                                         "arn:tg https://a.localhost:8443/api/",
                                         "arn:tg https://shop.example.com.localhost:8443/api/"});
}

TEST_CASE("the rules of an Application Load Balancer lead to services, also of an existing one") {
  test::ScriptedApi api;
  api.answer(
      "ListStackResources",
      R"({"StackResourceSummaries":[)"
      R"({"LogicalResourceId":"S","ResourceType":"AWS::ECS::Service","PhysicalResourceId":"arn:aws:ecs:r:1:service/app/web","ResourceStatus":"CREATE_COMPLETE"},)"
      R"({"LogicalResourceId":"R","ResourceType":"AWS::ElasticLoadBalancingV2::ListenerRule","PhysicalResourceId":)"
      R"("arn:aws:elasticloadbalancing:r:1:listener-rule/app/shared/aa/bb/cc","ResourceStatus":"CREATE_COMPLETE"}]})");
  api.answer("DescribeLoadBalancers", R"({"LoadBalancers":[{"DNSName":"shared.example"}]})");
  api.answer(
      "DescribeListeners",
      R"({"Listeners":[{"ListenerArn":"arn:l","Port":443,"Protocol":"HTTPS","DefaultActions":[{"Type":"fixed-response"}]}]})");
  api.answer(
      "DescribeRules",
      R"({"Rules":[{"Actions":[{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"arn:tg"}]}}]}]})");
  api.answer(
      "DescribeServices",
      R"({"services":[{"serviceName":"web","loadBalancers":[{"targetGroupArn":"arn:tg","containerPort":80}]}]})");
  deploy::RemoteStack stack;
  stack.name = "app";
  const auto services = deploy::read_services(api, stack);
  REQUIRE(services);
  REQUIRE(services->size() == 1);
  REQUIRE(services->front().publishers.size() == 1);
  CHECK(services->front().publishers.front().published == 443);
  CHECK(services->front().publishers.front().host == "shared.example");
  CHECK(api.calls_of("DescribeLoadBalancers")
            .front()
            .find("arn:aws:elasticloadbalancing:r:1:loadbalancer/app/shared/aa") !=
        std::string::npos);
}
