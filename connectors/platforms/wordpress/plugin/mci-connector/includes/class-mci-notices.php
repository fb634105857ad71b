<?php
/**
 * What the shop's people must know.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Notices in the administration: not paired, cut off, messages that fail.
 */
class MCI_Notices {

	const SCREENS = array( 'dashboard', 'plugins', 'woocommerce_page_wc-orders', 'edit-shop_order', 'woocommerce_page_wc-admin' );

	/**
	 * Seconds after which a message that waits is worth a notice.
	 */
	const LATE = 3600;

	/**
	 * The pairing.
	 *
	 * @var MCI_Pairing_Store
	 */
	private $store;

	/**
	 * What MCI must still hear.
	 *
	 * @var MCI_Queue
	 */
	private $queue;

	/**
	 * Constructor.
	 *
	 * @param MCI_Pairing_Store $store The pairing.
	 * @param MCI_Queue         $queue What MCI must still hear.
	 */
	public function __construct( MCI_Pairing_Store $store, MCI_Queue $queue ) {
		$this->store = $store;
		$this->queue = $queue;
	}

	/**
	 * Registers the notices.
	 */
	public function listen() {
		add_action( 'admin_notices', array( $this, 'show' ) );
	}

	/**
	 * Shows what there is to say, to those who can do something about it.
	 */
	public function show() {
		$screen = get_current_screen();
		if ( ! $screen || ! in_array( $screen->id, self::SCREENS, true ) || ! current_user_can( 'manage_woocommerce' ) ) {
			return;
		}
		list( $kind, $text ) = $this->trouble();
		if ( '' !== $text ) {
			echo '<div class="notice notice-' . esc_attr( $kind ) . '"><p>' . esc_html( $text ) . ' <a href="' . esc_url( MCI_Page::url() ) . '">' . esc_html__( 'Open MCI Connector', 'mci-connector' ) . '</a></p></div>';
		}
	}

	/**
	 * The gravest trouble.
	 *
	 * @return string[] Kind and sentence; the sentence is "" when all is well.
	 */
	private function trouble() {
		if ( $this->store->is_copy() ) {
			return array( 'warning', self::copied( (string) $this->store->pairing( 'home' ) ) );
		}
		if ( ! $this->store->is_paired() ) {
			return array( 'warning', __( 'The shop is not paired with MCI: its orders are not sent.', 'mci-connector' ) );
		}
		if ( '' !== $this->store->state( 'stopped' ) ) {
			return array( 'error', __( 'MCI does not know this shop any more: its orders are not sent.', 'mci-connector' ) );
		}
		$counts = $this->queue->counts();
		if ( $counts['failed'] > 0 ) {
			/* translators: %s: number of messages. */
			return array( 'error', sprintf( _n( '%s message to MCI failed.', '%s messages to MCI failed.', $counts['failed'], 'mci-connector' ), number_format_i18n( $counts['failed'] ) ) );
		}
		if ( $counts['oldest'] && time() - $counts['oldest'] > self::LATE ) {
			/* translators: %s: a span of time ("2 hours"). */
			return array( 'warning', sprintf( __( 'Messages to MCI have waited for %s.', 'mci-connector' ), human_time_diff( $counts['oldest'] ) ) );
		}
		return array( '', '' );
	}

	/**
	 * The site was copied, or moved.
	 *
	 * @param string $home The address that was paired.
	 * @return string
	 */
	public static function copied( $home ) {
		/* translators: %s: address of a shop. */
		return sprintf( __( 'This site was paired with MCI as %s. Here it sends nothing: it may be a copy. If the shop has moved, pair it again.', 'mci-connector' ), $home );
	}

	/**
	 * Why a message waits, in words.
	 *
	 * @param string $reason As the queue has it.
	 * @return string
	 */
	public static function reason( $reason ) {
		if ( 0 === strpos( $reason, 'stopped' ) ) {
			return __( 'MCI does not know this shop any more', 'mci-connector' );
		}
		if ( 'too_large' === $reason || 'unwritable' === $reason ) {
			return __( 'it does not fit into a message', 'mci-connector' );
		}
		if ( MCI_Verdict::AWAY === $reason ) {
			return __( 'MCI does not answer', 'mci-connector' );
		}
		/* translators: %s: HTTP status code. */
		return sprintf( __( 'MCI answered HTTP %s', 'mci-connector' ), preg_replace( '/\D/', '', $reason ) );
	}
}
