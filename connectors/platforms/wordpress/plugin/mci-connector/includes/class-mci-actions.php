<?php
/**
 * The buttons of the page.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Each click: capability, nonce, deed, and back to the page with what came of it.
 */
class MCI_Actions {

	const ACTIONS = array( 'who', 'pair', 'drop', 'unpair', 'retry', 'ping' );

	/**
	 * The parts of the plugin.
	 *
	 * @var MCI_Plugin
	 */
	private $plugin;

	/**
	 * Constructor.
	 *
	 * @param MCI_Plugin $plugin The parts of the plugin.
	 */
	public function __construct( MCI_Plugin $plugin ) {
		$this->plugin = $plugin;
	}

	/**
	 * Registers what the forms call.
	 */
	public function listen() {
		foreach ( self::ACTIONS as $action ) {
			add_action( 'admin_post_mci_connector_' . $action, array( $this, $action ) );
		}
	}

	/**
	 * Opens the form of a button.
	 *
	 * @param string $action One of ACTIONS.
	 */
	public static function open_form( $action ) {
		echo '<form method="post" action="' . esc_url( admin_url( 'admin-post.php' ) ) . '"><input type="hidden" name="action" value="' . esc_attr( 'mci_connector_' . $action ) . '">';
		wp_nonce_field( 'mci_connector_' . $action );
	}

	/**
	 * What the last click of this user did, told once.
	 *
	 * @return array{kind:string,text:string}|null
	 */
	public static function outcome() {
		$name    = 'mci_connector_outcome_' . get_current_user_id();
		$outcome = get_transient( $name );
		delete_transient( $name );
		return is_array( $outcome ) && isset( $outcome['kind'], $outcome['text'] ) ? $outcome : null;
	}

	/**
	 * Asks MCI who will receive the orders.
	 */
	public function who() {
		$this->check( 'who' );
		// phpcs:disable WordPress.Security.NonceVerification.Missing -- check() did.
		$code    = isset( $_POST['code'] ) ? sanitize_text_field( wp_unslash( $_POST['code'] ) ) : '';
		$address = isset( $_POST['address'] ) ? sanitize_text_field( wp_unslash( $_POST['address'] ) ) : '';
		// phpcs:enable
		list( $portal, $editable ) = $this->plugin->store()->portal();
		if ( $editable ) {
			$portal = $address;
			$this->plugin->store()->set_portal( MCI_Address::portal( $address ) );
		}
		$this->plugin->store()->set_state( array( 'pairing_trouble' => '' ) );
		$trouble = $this->plugin->pairing()->who( $portal, $code );
		if ( '' !== $trouble ) {
			$this->back( 'error', $trouble );
		}
		$this->go();
	}

	/**
	 * Pairs the shop with whom the page has named: what was shown is what is meant, so nothing of it comes from the form.
	 */
	public function pair() {
		$this->check( 'pair' );
		$asked = $this->plugin->store()->asked( time() );
		if ( null === $asked ) {
			$this->back( 'error', __( 'Too much time has passed: begin again with the code.', 'mci-connector' ) );
		}
		$trouble = $this->plugin->pairing()->pair( $asked['portal'], $asked['code'] );
		if ( '' !== $trouble ) {
			$this->back( 'error', $trouble );
		}
		$this->plugin->waker()->at( MCI_Waker::LATER, time() + 30 ); // The page asks; this is for when it is closed.
		$this->go();
	}

	/**
	 * The person does not mean it.
	 */
	public function drop() {
		$this->check( 'drop' );
		$this->plugin->pairing()->give_up();
		$this->back( 'info', __( 'Nothing was paired.', 'mci-connector' ) );
	}

	/**
	 * Ends the pairing.
	 */
	public function unpair() {
		$this->check( 'unpair' );
		$heard = ! $this->plugin->store()->is_paired() || $this->plugin->sender()->say_unpaired();
		$this->plugin->pairing()->unpair( 'shop' );
		if ( $heard ) {
			$this->back( 'success', __( 'The shop is no longer paired. MCI knows.', 'mci-connector' ) );
		}
		$this->back( 'warning', __( 'The shop is no longer paired. MCI could not be told: disconnect the shop there, too.', 'mci-connector' ) );
	}

	/**
	 * Tries everything again.
	 */
	public function retry() {
		$this->check( 'retry' );
		$this->plugin->store()->set_state( array( 'stopped' => '' ) );
		$this->plugin->queue()->retry( time() );
		$this->send();
	}

	/**
	 * Sends a test.
	 */
	public function ping() {
		$this->check( 'ping' );
		$this->plugin->store()->set_state( array( 'stopped' => '' ) );
		$this->plugin->queue()->note( 0, MCI_Message::PING, time() );
		$this->plugin->queue()->hurry( time() );
		$this->send();
	}

	/**
	 * Sends what is due, and says how it went.
	 */
	private function send() {
		$taken  = $this->plugin->sender()->run();
		$counts = $this->plugin->queue()->counts();
		if ( '' !== $this->plugin->store()->state( 'stopped' ) ) {
			$this->back( 'error', __( 'MCI does not know this shop any more. Pair it again.', 'mci-connector' ) );
		}
		if ( $counts['waiting'] + $counts['failed'] > 0 ) {
			$this->plugin->waker()->wake();
			/* translators: 1: number of messages taken, 2: number of messages that wait. */
			$this->back( 'warning', sprintf( __( 'MCI took %1$s messages, %2$s still wait.', 'mci-connector' ), number_format_i18n( $taken ), number_format_i18n( $counts['waiting'] + $counts['failed'] ) ) );
		}
		/* translators: %s: number of messages. */
		$this->back( 'success', sprintf( _n( 'MCI took %s message. None waits.', 'MCI took %s messages. None waits.', $taken, 'mci-connector' ), number_format_i18n( $taken ) ) );
	}

	/**
	 * Lets nobody in who may not, or did not click.
	 *
	 * @param string $action One of ACTIONS.
	 */
	private function check( $action ) {
		if ( ! current_user_can( 'manage_woocommerce' ) ) {
			wp_die( esc_html__( 'You are not allowed to do this.', 'mci-connector' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( 'mci_connector_' . $action );
	}

	/**
	 * Back to the page.
	 *
	 * @param string $kind success, warning or error.
	 * @param string $text What came of it.
	 */
	private function back( $kind, $text ) {
		set_transient(
			'mci_connector_outcome_' . get_current_user_id(),
			array(
				'kind' => $kind,
				'text' => $text,
			),
			60
		);
		$this->go();
	}

	/**
	 * Back to the page, which shows how it stands.
	 */
	private function go() {
		wp_safe_redirect( MCI_Page::url() );
		exit;
	}
}
