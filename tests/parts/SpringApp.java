import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An app that says who is logged in, and leaves all of the login to Spring Boot and its properties. */
@SpringBootConfiguration
@EnableAutoConfiguration
@RestController
public class SpringApp {
  public static void main(String[] arguments) {
    SpringApplication.run(SpringApp.class, arguments);
  }

  @GetMapping("/")
  String home(@AuthenticationPrincipal OAuth2User user) {
    return "Logged in as " + user.getAttribute("email");
  }
}
